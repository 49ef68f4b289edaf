//! Whether a bucket's public access block neutralises what its policy opens.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use terravet_graph::{Data, Truth, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::{AttributeType, Need, NeedType};

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "public_policy_blocked",
    needs: &[
        Need::of("buckets", NeedType::Subjects("aws.s3.bucket")),
        Need::of("own_bucket", NeedType::Subjects("aws.s3.bucket")),
        Need::of("account_blocks", NeedType::Subjects("aws.s3.account_access_block")),
    ],
    arguments: &[],
    result: AttributeType::Bool,
    doc: "a public access block of the bucket or of the account keeps its policy from opening it",
    run: public_policy_blocked,
}];

/// `restrict_public_buckets` refuses what a public policy would allow; `block_public_policy` refuses the policy itself. A
/// bucket that cannot be found among the resources of the unit has no block that counts.
fn public_policy_blocked(context: FactContext<'_>) -> Fact {
    let schema = context.view.model.schema;
    let (mut truth, mut evidence) = (Truth::False, Vec::new());
    for (relation, kind, switches) in [
        ("buckets", "aws.s3.bucket", ["access_block.restrict_public_buckets", "access_block.block_public_policy"]),
        ("own_bucket", "aws.s3.bucket", ["access_block.restrict_public_buckets", "access_block.block_public_policy"]),
        ("account_blocks", "aws.s3.account_access_block", ["restrict_public_buckets", "block_public_policy"]),
    ] {
        let Some(kind) = schema.kind(kind) else { continue };
        for subject in context.subjects(relation).0 {
            for switch in switches {
                let value = context.of(&subject, kind).value(switch);
                let on = is_on(&value);
                truth = truth.or(on);
                if !on.is_false() {
                    evidence.push(value);
                }
            }
        }
    }
    Fact::truth(truth, evidence)
}

fn is_on(value: &Value) -> Truth {
    match value.data {
        Data::Bool(on) => on.into(),
        Data::Unknown(_) => Truth::Unknown,
        _ => Truth::False,
    }
}
