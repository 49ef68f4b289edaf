//! `AWS::Serverless::Application`: a nested stack, of a template or of the Serverless Application Repository.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html>.

use crate::function::tag_list;
use crate::made::{Made, Source};
use crate::tree::Tree;
use crate::{Outcome, Transform, schema};

impl Transform<'_> {
    pub(crate) fn application(&mut self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::Application", schema::APPLICATION, &source.properties)?;
        let at = source.at;
        let location = source.get("Location");
        let mut more = at.empty();
        let url = match location.filter(|location| location.is_map()) {
            None => location.cloned(),
            Some(location) => {
                for (name, tag) in [
                    ("ApplicationId", "serverlessrepo:applicationId"),
                    ("SemanticVersion", "serverlessrepo:semanticVersion"),
                ] {
                    if !location.has(name) {
                        return source.refuse(format!("Location needs {name}"));
                    }
                    let value = location.get(name).map(|value| self.settled(value));
                    match value.filter(Tree::is_truthy) {
                        None => return source.refuse(format!("{name} is empty")),
                        Some(value) if value.is_map() => {
                            return source.refuse(format!("{name} must be known: text, Ref or Fn::FindInMap"));
                        }
                        Some(value)
                            if name == "ApplicationId"
                                && value.text().is_some_and(|text| text.contains("{{resolve:")) =>
                        {
                            return source.refuse("ApplicationId cannot be a dynamic reference");
                        }
                        Some(value) => more.set(tag, value),
                    }
                }
                None
            }
        };
        let stack = source
            .beside(source.id.clone(), "AWS::CloudFormation::Stack")
            .with("TemplateURL", url.unwrap_or_else(|| at.text("")))
            .with("Tags", tag_list(source, source.get("Tags"), &more)?)
            .with_all(&source.properties, &["NotificationARNs", "Parameters", "TimeoutInMinutes"]);
        let mut stack = stack;
        stack.depends_on.clone_from(&source.depends_on);
        Ok(vec![stack])
    }
}
