//! Files, paths and templates.

use terravet_graph::Step;

use super::{assert_refused, assert_values, module, refusal};

#[test]
fn files_are_read_below_the_root_module() {
    assert_values(&[
        (r#"file("greeting.txt")"#, r#""hi\n""#),
        (r#"filebase64("binary")"#, r#""/wA=""#),
        (r#"fileexists("greeting.txt")"#, "true"),
        (r#"fileexists("nothing.txt")"#, "false"),
        (r#"filemd5("greeting.txt")"#, r#""764efa883dda1e11db47671c4a3bbd9e""#),
        (r#"fileset(".", "data/**/*.json")"#, r#"["data/a.json","data/deep/b.json"]"#),
        (r#"fileset("data", "**")"#, r#"["a.json","deep/b.json","deep/c.txt"]"#),
        (r#"fileset("data", "{a,b}.json")"#, r#"["a.json"]"#),
        (r#"fileset("data/deep", "[!a-b].*")"#, r#"["c.txt"]"#),
    ]);
    assert_refused(&[r#"file("nothing.txt")"#, r#"file("binary")"#, r#"fileexists("data")"#, r#"fileset(".", "[")"#]);
}

#[test]
fn what_is_read_knows_its_file() {
    let value = module().value(r#"jsondecode(file("data/a.json")).a[0]"#).unwrap();
    let source = value.origin.as_ref().unwrap().source().clone();
    assert_eq!(source.span.range(), 7..8);
    let content = value.origin.unwrap().chain().any(|link| link.step == Step::FileContent("data/a.json".into()));
    assert!(content, "the way leads through the file");
}

#[test]
fn paths_are_text() {
    assert_values(&[
        (r#"basename("a/b/")"#, r#""b""#),
        (r#"basename("")"#, r#"".""#),
        (r#"dirname("a//b/../c.txt")"#, r#""a""#),
        (r#"dirname("a")"#, r#"".""#),
        (r#"pathexpand("~/x")"#, r#""/home/user/x""#),
        (r#"abspath("/a/./b/..")"#, r#""/a""#),
    ]);
    assert_refused(&[r#"pathexpand("~other/x")"#]);
}

#[test]
fn templates_see_what_they_are_given_and_nothing_else() {
    assert_values(&[
        (r#"templatefile("page.tpl", { xs = ["a", "b"] })"#, r#""- a\n- b\n""#),
        (r#"templatefile("only.tpl", { x = [1] })"#, "[1]"),
        (r#"templatestring(local.hello, { name = "you" })"#, r#""Hello, you!""#),
    ]);
    assert!(refusal(r#"templatefile("page.tpl", {})"#).contains(r#"does not contain key "xs""#));
    assert!(refusal(r#"templatestring(local.shout, { name = "x" })"#).contains("cannot read files"));
    assert_refused(&[
        r#"templatefile("page.tpl", { xs = 1 })"#,
        r#"templatefile("page.tpl", ["a"])"#,
        r#"templatefile("only.tpl", { x = 1, "a b" = 2 })"#,
        r#"templatestring("written here", {})"#,
        r#"templatestring(upper(local.hello), { NAME = 1 })"#,
    ]);
}
