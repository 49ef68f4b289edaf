//! Whether a bucket's public access block neutralises what its policy opens.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use terravet_graph::{Data, Truth, Value};

use super::{Fact, FactContext, FactFunction};

/// The facts of this module.
pub(super) const FACTS: &[(&str, usize, &str, FactFunction)] = &[(
    "public_policy_blocked",
    0,
    "a public access block of the bucket or of the account keeps its policy from opening it",
    public_policy_blocked,
)];

/// `restrict_public_buckets` refuses what a public policy would allow; `block_public_policy` refuses the policy itself. A
/// bucket that cannot be found among the resources of the unit has no block that counts.
fn public_policy_blocked(context: FactContext<'_>) -> Fact {
    let vocabulary = context.view.model.vocabulary;
    let (mut truth, mut witness) = (Truth::False, Vec::new());
    for (relation, kind, switches) in [
        ("buckets", "aws.s3.bucket", ["access_block.restrict_public_buckets", "access_block.block_public_policy"]),
        ("own_bucket", "aws.s3.bucket", ["access_block.restrict_public_buckets", "access_block.block_public_policy"]),
        ("account_blocks", "aws.s3.account_access_block", ["restrict_public_buckets", "block_public_policy"]),
    ] {
        let Some(kind) = vocabulary.kind(kind) else { continue };
        for subject in context.subjects(relation).0 {
            for switch in switches {
                let value = context.of(&subject, kind).value(switch);
                let on = is_on(&value);
                truth = truth.or(on);
                if !on.is_false() {
                    witness.push(value);
                }
            }
        }
    }
    Fact::truth(truth, witness)
}

fn is_on(value: &Value) -> Truth {
    match value.data {
        Data::Bool(on) => on.into(),
        Data::Unknown(_) => Truth::Unknown,
        _ => Truth::False,
    }
}
