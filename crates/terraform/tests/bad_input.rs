//! What is wrong is told at its place, and the rest is evaluated all the same.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::{load, load_text};
use terravet_source::{Memory, Sources};
use terravet_terraform::{Loader, Options};

/// A resource that has nothing to do with what is wrong.
const REST: &str = "resource \"aws_x\" \"rest\" { name = \"there\" }\n";

/// The errors of a configuration in which the rest still has to be there.
fn errors(text: &str) -> Vec<String> {
    let tree = load_text(&format!("{text}\n{REST}"));
    assert_eq!(tree.json("aws_x.rest"), r#"{"name":"there"}"#);
    tree.errors()
}

#[test]
fn cycles_are_told_where_they_are_declared() {
    assert_eq!(
        errors("locals {\n  a = local.b\n  b = local.a\n}"),
        ["main.tf:2 `local.b`: local.a depends on itself, by way of local.b"]
    );
    assert_eq!(
        errors("locals {\n  a = try(local.a, 1)\n}"),
        ["main.tf:2 `try(local.a, 1)`: local.a depends on itself"]
    );
}

#[test]
fn a_cycle_through_two_modules_is_told_once() {
    let tree = load(&[
        (
            "main.tf",
            "module \"a\" {\n  source = \"./m\"\n  in = module.b.out\n}\nmodule \"b\" {\n  source = \"./m\"\n  in = module.a.out\n}\n",
        ),
        ("m/main.tf", "variable \"in\" {}\noutput \"out\" { value = var.in }"),
    ]);
    assert_eq!(
        tree.errors(),
        ["m/main.tf:1 `variable \"in\"`: module.a.var.in depends on itself, by way of module.b.output.out, \
             module.b.var.in, module.a.output.out"]
    );
}

#[test]
fn what_count_cannot_be_is_said() {
    let told = |count: &str| errors(&format!("resource \"aws_x\" \"x\" {{\n  count = {count}\n}}"));
    assert_eq!(told("\"many\""), ["main.tf:2 `\"many\"`: count must be a whole number: a number is required"]);
    assert_eq!(told("1.5"), ["main.tf:2 `1.5`: count must be a whole number, and this is 1.5"]);
    assert_eq!(told("-1"), ["main.tf:2 `-1`: count cannot be less than 0, and this is -1"]);
    assert_eq!(told("null"), ["main.tf:2 `null`: count must be a whole number, and this is null"]);
    assert_eq!(
        told("1000000000"),
        ["main.tf:2 `1000000000`: these would be 1000000000 instances, more than the limit of 100000 for one unit"]
    );
}

#[test]
fn a_module_that_calls_itself_is_told() {
    let tree = load(&[
        ("main.tf", "module \"m\" { source = \"./m\" }"),
        ("m/main.tf", "module \"again\" { source = \"../m\" }"),
    ]);
    assert_eq!(tree.errors(), ["m/main.tf:1 `module \"again\"`: this module calls itself: m calls m"]);
}

#[test]
fn modules_that_multiply_hit_a_limit_that_is_named() {
    let mut files = vec![("main.tf".to_owned(), "module \"m\" {\n  source = \"./m0\"\n  count = 20\n}".to_owned())];
    for level in 0..6 {
        let text = format!("module \"m\" {{\n  source = \"../m{}\"\n  count = 20\n}}", level + 1);
        files.push((format!("m{level}/main.tf"), text));
    }
    files.push(("m6/main.tf".to_owned(), String::new()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let start = Instant::now();
    let errors = load(&files).errors();
    assert!(errors.iter().all(|error| error.contains("the limit of 100000")), "{errors:?}");
    assert!(!errors.is_empty() && start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn modules_that_multiply_one_by_one_hit_the_limit_too() {
    let mut files = vec![("main.tf".to_owned(), format!("module \"m\" {{ source = \"./m0\" }}\n{REST}"))];
    for level in 0..30 {
        let call = |name: usize| format!("module \"m{name}\" {{\n  source = \"../m{}\"\n}}\n", level + 1);
        files.push((format!("m{level}/main.tf"), (0..10).map(call).collect()));
    }
    files.push(("m30/main.tf".to_owned(), String::new()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let start = Instant::now();
    let tree = load(&files);
    let errors = tree.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("the limit of 100000 instances for one unit is reached"), "{errors:?}");
    assert_eq!(tree.json("aws_x.rest"), r#"{"name":"there"}"#);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn as_many_modules_as_there_may_be_keep_their_resources() {
    let tree = load(&[
        ("main.tf", "module \"m\" {\n  source = \"./m\"\n  count = 100000\n}\n"),
        ("m/main.tf", "resource \"aws_x\" \"x\" {}\n"),
    ]);
    assert_eq!((tree.errors(), tree.graph.resources.len()), (vec![], 100_000));
}

#[test]
fn a_budget_that_is_spent_is_told_once() {
    let mut text = String::from("locals {\n  l0 = range(10)\n");
    for level in 1..9 {
        let before = level - 1;
        let _ = writeln!(
            text,
            "  l{level} = flatten([for a in local.l{before} : [for b in local.l{before} : \"${{a}}${{b}}\"]])"
        );
    }
    let errors = load_text(&format!("{text}}}")).errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("the limit of 5000000 steps for one unit is reached"), "{errors:?}");
}

#[test]
fn a_broken_file_does_not_hide_the_others() {
    let tree = load(&[("a.tf", "resource \"aws_x\" \"broken\" {\n  name = = 1\n}\n"), ("b.tf", REST)]);
    assert_eq!(tree.addresses(), ["aws_x.rest"]);
    assert_eq!(tree.errors().len(), 1);
}

#[test]
fn a_file_that_is_no_text_is_told() {
    let files: [(&str, &[u8]); 2] = [("a.tf", b"\xff\xff"), ("b.tf", REST.as_bytes())];
    let sources = Arc::new(Sources::new(Arc::new(Memory::new(files))));
    let graph = Loader::new(sources, Options::default()).load(std::path::Path::new(".")).graph;
    let messages: Vec<&str> = graph.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["cannot read this: the file is not valid UTF-8 (byte 0)"]);
    assert_eq!(graph.resources.len(), 1);
}

#[test]
fn a_template_that_renders_itself_is_refused() {
    let tree =
        load(&[("main.tf", "output \"o\" { value = templatefile(\"t\", {}) }"), ("t", "${templatefile(\"t\", {})}")]);
    assert_eq!(tree.errors().len(), 1, "{:?}", tree.errors());
}

#[test]
fn a_for_that_squares_at_each_level_hits_a_limit_that_is_named() {
    let mut text = String::from("locals {\n  l0 = range(10)\n");
    for level in 1..9 {
        let before = level - 1;
        let _ = writeln!(text, "  l{level} = [for a in local.l{before} : [for b in local.l{before} : [a, b]]]");
    }
    let start = Instant::now();
    let errors = errors(&format!("{text}}}"));
    assert!(errors.iter().any(|error| error.contains("the limit of")), "{errors:?}");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn what_a_module_needs_and_what_it_does_not_know_is_told() {
    let tree = load(&[
        ("main.tf", "module \"m\" {\n  source = \"./m\"\n  nmae = 1\n}\n"),
        ("m/main.tf", "variable \"name\" {}\n"),
    ]);
    assert_eq!(
        tree.errors(),
        [
            "main.tf:3 `nmae`: the module has no variable `nmae`",
            "main.tf:1 `module \"m\"`: the module needs a value for its variable `name`"
        ]
    );
}

#[test]
fn an_error_in_one_instance_leaves_the_others() {
    let tree = load_text(
        "resource \"aws_x\" \"x\" {\n  for_each = { a = { n = 1 }, b = {} }\n  n = each.value.n\n  m = \"fine\"\n}\n",
    );
    assert_eq!(tree.errors(), ["main.tf:3 `.n`: there is no attribute `n` here"]);
    assert_eq!(tree.json("aws_x.x[\"a\"]"), r#"{"m":"fine","n":1}"#);
    assert_eq!(tree.json("aws_x.x[\"b\"]"), r#"{"m":"fine","n":{"$unknown":"could not be evaluated"}}"#);
}

#[test]
fn long_chains_are_followed_without_trouble() {
    let mut text = String::from("locals {\n  l0 = 1\n");
    for at in 1..5_000 {
        let _ = writeln!(text, "  l{at} = local.l{} + 1", at - 1);
    }
    let tree = load_text(&format!("{text}}}\noutput \"last\" {{ value = local.l4999 }}\n"));
    assert_eq!((tree.output("last").as_str(), tree.errors()), ("5000", vec![]));
}

#[test]
fn a_chain_of_a_thousand_modules_stays_linear() {
    let mut files = vec![(
        "main.tf".to_owned(),
        "module \"m\" {\n  source = \"./m0\"\n  n = 0\n}\noutput \"o\" { value = module.m.n }".to_owned(),
    )];
    for level in 0..1_000 {
        let text = if level == 999 {
            "variable \"n\" {}\noutput \"n\" { value = var.n + 1 }".to_owned()
        } else {
            let next = level + 1;
            format!(
                "variable \"n\" {{}}\nmodule \"m\" {{\n  source = \"../m{next}\"\n  n = var.n + 1\n}}\noutput \"n\" {{ value = module.m.n }}"
            )
        };
        files.push((format!("m{level}/main.tf"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = load(&files);
    assert_eq!((tree.output("o").as_str(), tree.errors()), ("1000", vec![]));
}

#[test]
fn ten_thousand_instances_stay_linear() {
    let tree = load_text(
        r#"
locals { keys = toset(flatten([for a in range(100) : [for b in range(100) : "k${a * 100 + b}"]])) }
resource "aws_x" "a" {
  for_each = local.keys
  name     = "n-${each.key}"
}
resource "aws_x" "b" {
  for_each = aws_x.a
  name     = aws_x.a[each.key].name
  id_of    = each.value.id
}
"#,
    );
    assert_eq!((tree.errors(), tree.graph.resources.len()), (vec![], 20_000));
    assert_eq!(
        tree.json("aws_x.b[\"k77\"]"),
        r#"{"id_of":{"$unknown":"known after apply","ref":"aws_x.a[\"k77\"].id"},"name":"n-k77"}"#
    );
}

#[test]
fn values_that_nest_without_end_hit_a_limit_that_is_named() {
    let mut text = String::from("locals {\n  l0 = 1\n");
    for at in 1..20_000 {
        let _ = writeln!(text, "  l{at} = [local.l{}]", at - 1);
    }
    let errors = errors(&format!("{text}}}"));
    assert!(errors[0].contains("the limit of 300 levels of one value is reached"), "{:?}", &errors[..1]);
}

#[test]
fn expressions_that_nest_fit_on_the_stack_of_a_worker() {
    let levels = |count: usize, open: &str, close: &str| format!("{}1{}", open.repeat(count), close.repeat(count));
    let nested = |open: &str, close: &str| levels(90, open, close);
    let text = [
        nested("[", "]"),
        nested("max(1, ", ")"),
        levels(45, "true ? 1 : (", ")"),
        nested("[for x in [1] : ", "]"),
        nested("{ a = ", " }"),
        levels(45, "\"${", "}\""),
        vec!["1"; 200].join(" + "),
    ];
    let values: Vec<String> = text.iter().enumerate().map(|(at, text)| format!("  v{at} = {text}\n")).collect();
    let text = format!("locals {{\n{}}}\noutput \"o\" {{ value = local.v6 }}\n{REST}", values.concat());
    let worker = std::thread::Builder::new().stack_size(2 << 20);
    let told = worker.spawn(move || (load_text(&text).errors(), load_text(&text).output("o"))).unwrap().join().unwrap();
    assert_eq!(told, (vec![], "200".to_owned()));
}

#[test]
fn what_may_not_exist_cannot_be_wrong_for_its_values() {
    let doubtful = "variable \"on\" { type = bool }\n\
         variable \"none\" { default = null }\n\
         resource \"aws_x\" \"x\" {\n  count = var.on ? 1 : 0\n  name  = \"${var.none}\"\n}\n\
         resource \"aws_x\" \"y\" {\n  for_each = aws_x.rest.names\n  name     = length(var.none)\n}\n";
    assert_eq!(errors(doubtful), [""; 0]);
    // What is wrong whatever the values are is wrong without any instance.
    assert_eq!(
        errors(
            "variable \"on\" { type = bool }\nresource \"aws_x\" \"x\" {\n  count = var.on ? 1 : 0\n  name  = length(null)\n}"
        ),
        ["main.tf:4 `null`: length() refuses this: invalid value for \"value\" parameter: argument must not be null"]
    );
}

#[test]
fn modules_that_may_not_exist_are_checked_like_those_that_do_not() {
    let called = "variable \"n\" { type = number }\n\
         variable \"none\" { default = null }\n\
         locals {\n  a = length(var.none)\n  b = length(null)\n}\n\
         output \"o\" {\n  value = local.a\n}\n";
    for condition in ["var.on ? 1 : 0", "aws_x.rest.n", "0"] {
        let root = format!(
            "variable \"on\" {{ type = bool }}\n\
             module \"m\" {{\n  source = \"./m\"\n  count  = {condition}\n  n      = \"many\"\n}}\n{REST}"
        );
        let tree = load(&[("main.tf", &root), ("m/main.tf", called)]);
        assert_eq!(
            tree.errors(),
            [
                "m/main.tf:5 `null`: length() refuses this: invalid value for \"value\" parameter: argument must not be null"
            ],
            "{condition}"
        );
    }
}

#[test]
fn what_terraform_refuses_is_told_at_the_expression() {
    let told = |expression: &str| errors(&format!("locals {{\n  a = {expression}\n}}"));
    for (expression, expected) in [
        ("1 + \"x\"", "`\"x\"`: `+` cannot be applied to this: a number is required"),
        ("[1].c", "`.c`: there is no attribute `c` here: this is tuple"),
        ("upper(\"a\", \"b\")", "`\"b\"`: upper() refuses this: too many arguments: upper() takes 1, 2 are given"),
        ("0 / 0", "`0 / 0`: zero cannot be divided by zero"),
        ("regex(\"[\", \"a\")", "`\"[\"`: regex() refuses this: invalid regexp pattern: missing closing ]: `[`"),
        (
            "cidrhost(\"10.0.0.0/99\", 1)",
            "`\"10.0.0.0/99\"`: cidrhost() refuses this: invalid CIDR expression: invalid CIDR address: 10.0.0.0/99",
        ),
        ("{ for v in [1, 2] : \"k\" => v }", "`\"k\"`: two rounds of this `for` make the key \"k\""),
        (
            "range(1e9)",
            "`range(1e9)`: range() refuses this: more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
        ),
        (
            "setproduct(range(1000), range(1000), range(1000))",
            "`setproduct(range(1000), range(1000), range(1000))`: setproduct() refuses this: the result would have more than 1048576 elements, the limit of a collection",
        ),
        (
            "format(\"%999999999d\", 1)",
            "`format(\"%999999999d\", 1)`: format() refuses this: the result would have more than 67108864 bytes, the limit of a string",
        ),
    ] {
        assert_eq!(told(expression), [format!("main.tf:2 {expected}")], "{expression}");
    }
}

#[test]
fn a_billion_instances_hit_a_limit_that_is_named() {
    let files = [
        ("main.tf", &*format!("module \"m\" {{\n  source = \"./m\"\n  count  = 1e9\n}}\n{REST}")),
        ("m/main.tf", "resource \"aws_x\" \"x\" {\n  count = 1000000000\n}\n"),
    ];
    let limit = "these would be 1000000000 instances, more than the limit of 100000 for one unit";
    assert_eq!(load(&files).errors(), [format!("main.tf:3 `1e9`: {limit}")]);
    assert_eq!(load(&[("main.tf", files[1].1)]).errors(), [format!("main.tf:2 `1000000000`: {limit}")]);
}

#[test]
fn large_documents_are_read_and_deep_ones_refused() {
    let list = format!("[{}]", (0..100_000).map(|at| at.to_string()).collect::<Vec<_>>().join(","));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let anchors: String = (1..12)
        .map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")))
        .collect();
    let main = r#"
output "length" { value = length(jsondecode(file("list.json"))) }
locals {
  deep    = jsondecode(file("deep.json"))
  aliases = yamldecode(file("aliases.yaml"))
}
"#;
    let aliases = format!("a0: &a0 [x]\n{anchors}");
    let tree = load(&[("main.tf", main), ("list.json", &list), ("deep.json", &deep), ("aliases.yaml", &aliases)]);
    assert_eq!(tree.output("length"), "100000");
    assert_eq!(
        tree.errors(),
        [
            "main.tf:4 `file(\"deep.json\")`: jsondecode() refuses this: nesting of more than 200 levels",
            "main.tf:5 `file(\"aliases.yaml\")`: yamldecode() refuses this: this file exceeds a limit: more than 1000000 values, with aliases expanded",
        ]
    );
}

#[test]
fn modules_that_are_called_too_deep_hit_a_limit_that_is_named() {
    let mut files = vec![("main.tf".to_owned(), format!("module \"m\" {{\n  source = \"./m0\"\n}}\n{REST}"))];
    for level in 0..2_100 {
        files.push((format!("m{level}/main.tf"), format!("module \"m\" {{\n  source = \"../m{}\"\n}}\n", level + 1)));
    }
    files.push(("m2100/main.tf".to_owned(), String::new()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(
        load(&files).errors(),
        ["m1999/main.tf:1 `module \"m\"`: the limit of 2000 module calls within each other is reached"]
    );
}
