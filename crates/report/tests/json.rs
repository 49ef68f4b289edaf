//! The contract for programs.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use support::World;
use terravet_report::{Places, json};

#[test]
fn the_contract_holds() {
    let world = World::new();
    let mut out = Vec::new();
    json::write(&mut out, &world.outcome, &Places::new(&world.sources, None)).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}
