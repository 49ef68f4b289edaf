//! Quoted strings, heredocs and template files.

use crate::support::{body, expression, file, native_problems, outline, problems, show_template};

/// The value of `x = ` and the heredoc, which needs a line of its own at the end.
fn heredoc(text: &str) -> String {
    expression(text)
}

#[test]
fn a_string_without_sequences_is_its_text() {
    assert_eq!(expression(r#""""#), r#""""#);
    assert_eq!(expression(r#""a $ b % c { d }""#), r#""a $ b % c { d }""#);
    assert_eq!(expression("\"# no // comment\""), "\"# no // comment\"");
    assert_eq!(expression("\"é😀\""), "\"é😀\"");
}

#[test]
fn escapes_are_decoded() {
    assert_eq!(expression(r#""a\nb\r\tc\"d\\e""#), r#""a\nb\r\tc\"d\\e""#);
    assert_eq!(expression(r#""\u00e9\U0001F600""#), "\"é😀\"");
    assert_eq!(expression(r#""$${x} %%{x}""#), r#""${x} %{x}""#);
    assert_eq!(expression(r#""$$${x}""#), r#""$${x}""#);
    assert_eq!(expression(r#""$${a}${b}""#), r#"t("${a}" ${b})"#);
    assert_eq!(expression(r#""a$$b %%""#), r#""a$$b %%""#);
}

#[test]
fn impossible_escapes_are_refused() {
    assert_eq!(expression(r#""\d""#), r"error: `\\d` is no escape sequence");
    assert_eq!(expression(r#""\u12""#), r"error: `\u12` is no escape sequence: 4 hexadecimal digits belong here");
    assert_eq!(expression(r#""\ud800""#), r"error: `\ud800` is no Unicode character");
    assert_eq!(expression(r#""\U00110000""#), r"error: `\U00110000` is no Unicode character");
}

#[test]
fn interpolations_stand_in_text() {
    assert_eq!(expression(r#""${a}""#), "t(${a})");
    assert_eq!(expression(r#""${a}-${b.c}""#), r#"t(${a} "-" ${b.c})"#);
    assert_eq!(expression(r#""a${"b${"c"}"}""#), r#"t("a" ${t("b" ${"c"})})"#);
    assert_eq!(expression("\"${\n  a\n}\""), "t(${a})");
    assert_eq!(expression(r#""${ { a = 1 }.a }""#), "t(${{a = 1}.a})");
    assert_eq!(expression(r#""${f("}")}""#), r#"t(${f("}")})"#);
    assert_eq!(expression(r#""${a /* } */}""#), "t(${a})");
}

#[test]
fn tildes_trim_the_text_beside_them() {
    assert_eq!(expression(r#""a ${~ b ~} c""#), r#"t("a" ${b} "c")"#);
    assert_eq!(expression(r#""a ${~ b} c""#), r#"t("a" ${b} " c")"#);
    assert_eq!(expression(r#""${b ~} ""#), r#"t(${b} "")"#);
    assert_eq!(expression(r#""a \t${~ b}""#), r#"t("a" ${b})"#);
    assert_eq!(expression(r#""%{ if a ~} b %{~ endif }""#), r#"t(if a ("b") else ())"#);
}

#[test]
fn directives_hold_what_stands_up_to_their_end() {
    assert_eq!(expression(r#""%{ if a }b%{ else }c%{ endif }""#), r#"t(if a ("b") else ("c"))"#);
    assert_eq!(expression(r#""%{ if a }b%{ endif }c""#), r#"t(if a ("b") else () "c")"#);
    assert_eq!(expression(r#""%{ for x in y }${x},%{ endfor }""#), r#"t(for x in y (${x} ","))"#);
    assert_eq!(
        expression(r#""%{for k, v in y}%{if k}${v}%{endif}%{endfor}""#),
        "t(for k, v in y (if k (${v}) else ()))"
    );
}

#[test]
fn directives_without_an_end_or_a_beginning_are_reported() {
    assert_eq!(expression(r#""%{ if a }b""#), "error: this directive has no `endif`");
    assert_eq!(expression(r#""%{ for x in y }b""#), "error: this directive has no `endfor`");
    assert_eq!(expression(r#""b%{ endif }""#), "error: `%{ endif }` without the directive that it belongs to");
    assert_eq!(expression(r#""%{ if a }%{ endfor }""#), "error: expected `%{ endif }`, found `%{ endfor }`");
    assert_eq!(
        expression(r#""%{ if a }%{ else }%{ else }%{ endif }""#),
        "error: expected `%{ endif }`, found `%{ else }`"
    );
    assert_eq!(expression(r#""%{ unless a }""#), "error: `unless` is no template directive");
}

#[test]
fn strings_and_sequences_have_to_be_closed() {
    assert_eq!(
        native_problems("x = \"a\ny = 1\n"),
        [
            "1:7 `\n` a quoted string cannot go on in the next line; `\"` the string begins here; help: close the string, or use `\\n` or a heredoc"
        ]
    );
    assert_eq!(
        native_problems("x = \"a"),
        ["1:7 `` this string is never closed; `\"` the string begins here; help: add the closing `\"`"]
    );
    assert_eq!(
        native_problems("x = \"${a b}\"\n"),
        ["1:10 `b` expected `}`, found `b`; `${` the sequence begins here; help: write `$${` for a literal `${`"]
    );
}

#[test]
fn a_heredoc_is_its_lines() {
    assert_eq!(heredoc("<<EOT\nfoo\n  bar\nEOT"), r#"<<EOT("foo\n" "  bar\n")"#);
    assert_eq!(heredoc("<<EOT\nEOT"), "<<EOT()");
    assert_eq!(heredoc("<<EOT\n\nEOT"), r#"<<EOT("\n")"#);
    assert_eq!(heredoc("<<EOT\nNOT EOT\nEOTX\n  EOT"), r#"<<EOT("NOT EOT\n" "EOTX\n")"#);
    assert_eq!(heredoc("<<EOT\n\"q\\n\" # no comment\nEOT"), r##"<<EOT("\"q\\n\" # no comment\n")"##);
}

#[test]
fn a_heredoc_has_interpolations_and_directives() {
    assert_eq!(heredoc("<<EOT\na ${b} c\nEOT"), r#"<<EOT("a " ${b} " c\n")"#);
    assert_eq!(heredoc("<<EOT\n$${b} %%{c\nEOT"), r#"<<EOT("${b} " "%{c\n")"#);
    assert_eq!(heredoc("<<EOT\n%{ if a ~}\nb\n%{ endif ~}\nc\nEOT"), r#"<<EOT(if a ("" "b\n") else () "" "c\n")"#);
    assert_eq!(heredoc("<<EOT\n${<<IN\nx\nIN\n}\nEOT"), r#"<<EOT(${<<IN("x\n")} "\n")"#);
}

#[test]
fn a_flush_heredoc_loses_its_common_indentation() {
    assert_eq!(heredoc("<<-EOT\n    a\n      b\n    EOT"), r#"<<-EOT("a\n" "  b\n")"#);
    assert_eq!(heredoc("<<-EOT\n    a\n\n  b\n  EOT"), r#"<<-EOT("  a\n" "\n" "b\n")"#);
    assert_eq!(heredoc("<<-EOT\n    ${a}\n      b\n  EOT"), r#"<<-EOT("" ${a} "\n" "  b\n")"#);
    assert_eq!(heredoc("<<-EOT\n${a}\n  b\nEOT"), r#"<<-EOT(${a} "\n" "  b\n")"#);
    assert_eq!(heredoc("<<-EOT\n\ta\n\t\tb\nEOT"), r#"<<-EOT("a\n" "\tb\n")"#);
}

#[test]
fn line_breaks_of_a_heredoc_stay_as_they_are() {
    assert_eq!(expression("<<EOT\r\nfoo\r\n  ${a}\r\n  EOT\r"), r#"<<EOT("foo\r\n" "  " ${a} "\r\n")"#);
    assert_eq!(expression("<<-EOT\r\n  a\r\n    b\r\n  EOT\r"), r#"<<-EOT("a\r\n" "  b\r\n")"#);
}

#[test]
fn a_heredoc_can_stand_in_calls_and_objects() {
    assert_eq!(expression("f(<<EOT\na\nEOT\n)"), r#"f(<<EOT("a\n"))"#);
    assert_eq!(expression("f(<<EOT\na\nEOT\n, 1)"), r#"f(<<EOT("a\n"), 1)"#);
    assert_eq!(expression("{\n a = <<EOT\nb\nEOT\n c = 1\n}"), r#"{a = <<EOT("b\n"), c = 1}"#);
    assert_eq!(expression("[<<A\na\nA\n, <<B\nb\nB\n]"), r#"[<<A("a\n"), <<B("b\n")]"#);
}

#[test]
fn a_heredoc_has_to_be_closed() {
    assert_eq!(
        native_problems("x = <<EOT\nfoo\n"),
        [
            "3:1 `` this heredoc is never closed; `<<` the heredoc begins here; help: end it with its marker alone on a line"
        ]
    );
    assert_eq!(expression("<<EOT x\nEOT"), "error: expected a value, found `<`");
    assert_eq!(expression("<<\nEOT"), "error: expected a value, found `<`");
}

#[test]
fn every_piece_knows_its_source() {
    let text = "x = <<-EOT\n    a ${b}\n      %{ if c ~}\n      d\n    %{ endif }\n  EOT\n";
    let expected = [
        r"attribute x = <<-EOT\n    a ${b}\n      %{ if c ~}\n      d\n    %{ endif }\n  EOT",
        "  name x",
        r"  template <<-EOT\n    a ${b}\n      %{ if c ~}\n      d\n    %{ endif }\n  EOT",
        "    text a ",
        "    interpolation ${b}",
        "      variable b",
        r"    text \n",
        "    text   ",
        r"    if %{ if c ~}\n      d\n    %{ endif }",
        "      variable c",
        "      text ",
        r"      text       d\n",
        "      text ",
        r"    text \n",
    ];
    assert_eq!(outline("main.tf", text), expected);
}

#[test]
fn a_template_file_is_a_template_to_its_end() {
    let file = file("user_data.tftpl", "#!/bin/sh\n%{ for x in y ~}\necho ${x} $${HOME}\n%{ endfor ~}\n");
    let (template, diagnostics) = terravet_hcl::parse_template(&file);
    assert_eq!(problems(&file, &diagnostics), Vec::<String>::new());
    assert_eq!(show_template(&template), r##"t("#!/bin/sh\n" for x in y ("" "echo " ${x} " " "${HOME}\n") "")"##);
}

#[test]
fn a_text_without_a_place_of_its_own_points_to_the_whole() {
    let (file, body) = body("main.tf", "x = \"a\\n${\"\n".replace('$', "$$").as_str());
    let span = body.attributes[0].expr.span;
    let (_, diagnostics) = terravet_hcl::parse_template_text("a\n${", span);
    assert_eq!(diagnostics[0].primary.span, span);
    let same_length = file.slice(span).len();
    let (_, diagnostics) = terravet_hcl::parse_template_text(&format!("{}${{", "-".repeat(same_length - 2)), span);
    assert_eq!(diagnostics[0].primary.span.start, span.end);
}

#[test]
fn an_expression_can_be_a_text_of_its_own() {
    let file = file("main.tf", "\"a.b[0]\"");
    let span = terravet_source::Span::new(file.id(), 1..7);
    let expr = terravet_hcl::parse_expression_text("a.b[0]", span).unwrap();
    assert_eq!((crate::support::show(&expr), expr.span), ("a.b[0]".to_owned(), span));
    let error = terravet_hcl::parse_expression_text("a.b c.", span).unwrap_err();
    assert_eq!(error.message, "expected the end of the expression, found `c`");
    assert_eq!(file.slice(error.primary.span), "0");
}

#[test]
fn a_line_break_ends_a_value_but_not_an_expression_of_its_own() {
    let file = file("main.tf", "");
    let span = terravet_source::Span::start_of(file.id());
    let expression = |text| terravet_hcl::parse_expression_text(text, span).map(|expr| crate::support::show(&expr));
    let value = |text| terravet_hcl::parse_value_text(text, span).map(|expr| crate::support::show(&expr));
    assert_eq!(expression("\na ?\nb :\nc\n").unwrap(), "(a ? b : c)");
    assert_eq!(value("a ?\nb : c").unwrap_err().message, "expected a value, found the end of the line");
    assert_eq!(value("[\n1\n]\n").unwrap(), "[1]");
    assert_eq!(value("1\n2").unwrap_err().message, "expected the end of the expression, found `2`");
    for heredoc in ["<<-EOT\n  x\n  EOT", "<<-EOT\n  x\n  EOT\n"] {
        assert_eq!(expression(heredoc).unwrap(), r#"<<-EOT("x\n")"#);
        assert_eq!(value(heredoc).unwrap(), r#"<<-EOT("x\n")"#);
    }
}
