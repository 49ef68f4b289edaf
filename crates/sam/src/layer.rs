//! `AWS::Serverless::LayerVersion`.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html>.

use crate::function::s3_location;
use crate::made::{Made, Source};
use crate::tree::Tree;
use crate::{Outcome, Transform, hash, schema};

impl Transform<'_> {
    pub(crate) fn layer_version(&mut self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::LayerVersion", schema::LAYER_VERSION, &source.properties)?;
        let at = source.at;
        let mut properties = source.properties.clone();
        for name in ["LayerName", "LicenseInfo", "Description", "RetentionPolicy"] {
            if let Some(value) = properties.get(name).map(|value| self.resolved(value)) {
                properties.set(name, value);
            }
        }
        let retention = match properties.get("RetentionPolicy") {
            None => "Retain",
            Some(value) => match value.as_str().map(str::to_lowercase).as_deref() {
                Some("retain") => "Retain",
                Some("delete") => "Delete",
                _ => return source.refuse("RetentionPolicy is Retain or Delete, and no function"),
            },
        };
        if let Some(architectures) = properties.get("CompatibleArchitectures").filter(|found| !found.is_intrinsic()) {
            let known = |item: &Tree| item.is_intrinsic() || matches!(item.as_str(), Some("arm64" | "x86_64"));
            if !architectures.as_list().iter().all(known) {
                return source.refuse("CompatibleArchitectures is a list of arm64 and x86_64");
            }
        }
        let content = s3_location(source, properties.get("ContentUri"), "ContentUri")?;
        let body = at.map([("Type", at.text("AWS::Serverless::LayerVersion")), ("Properties", properties.clone())]);
        let id = format!("{}{}", source.id, hash(&at.map([(source.id.as_str(), body)]).canonical()));
        self.rename(&source.id, &id);
        let mut layer = source
            .beside(id, "AWS::Lambda::LayerVersion")
            .with("Content", content)
            .with("LayerName", properties.get("LayerName").cloned().unwrap_or_else(|| at.text(source.id.as_str())))
            .with_all(&properties, &["CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo"]);
        layer.depends_on.clone_from(&source.depends_on);
        if properties.get("RetentionPolicy").is_some() || layer.attribute("DeletionPolicy").is_none() {
            layer.set_attribute("DeletionPolicy", at.text(retention));
        }
        Ok(vec![layer])
    }
}
