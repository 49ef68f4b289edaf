//! Base64, JSON, YAML, CSV, hashes and keys.

use super::{assert_refused, assert_values, json, refusal, type_of};

#[test]
fn base64_and_character_sets() {
    assert_values(&[
        (r#"base64encode("é")"#, r#""w6k=""#),
        (r#"base64decode("aGk=")"#, r#""hi""#),
        (r#"textencodebase64("é", "ISO-8859-1")"#, r#""6Q==""#),
        (r#"textdecodebase64("6Q==", "latin1")"#, r#""é""#),
        (r#"textencodebase64("a", "UTF-16LE")"#, r#""YQA=""#),
        (r#"textencodebase64("日本", "Shift_JIS")"#, r#""k/qWew==""#),
        (r#"base64gzip("hello world")"#, r#""H4sIAAAAAAAA/8pIzcnJVyjPL8pJAQAAAP//AQAA//+FEUoNCwAAAA==""#),
        (r#"urlencode("a b/ü?")"#, r#""a+b%2F%C3%BC%3F""#),
    ]);
    assert_refused(&[
        r#"base64decode("a")"#,
        r#"base64decode("/w==")"#,
        r#"textencodebase64("a", "UTF-99")"#,
        r#"textencodebase64("日", "ISO-8859-1")"#,
        r#"textdecodebase64("/w==", "UTF-8")"#,
    ]);
}

#[test]
fn json_is_written_as_go_writes_it() {
    assert_values(&[
        (r#"jsonencode({ b = [1, null], a = "<é\"\n>" })"#, r#""{\"a\":\"\\u003cé\\\"\\n\\u003e\",\"b\":[1,null]}""#),
        (r#"jsondecode("{\"a\":[1,2.50,true,null,\"\\u00e9\"]}")"#, r#"{"a":[1,2.5,true,null,"é"]}"#),
    ]);
    assert_eq!(type_of(r#"jsondecode("[1,\"a\"]")"#), "tuple([number, string])");
    assert_refused(&[r#"jsondecode("")"#, r#"jsondecode("{a:1}")"#, r#"jsondecode("[1,]")"#]);
}

#[test]
fn yaml_is_read_as_terraforms_library_reads_it() {
    assert_values(&[
        (
            r#"yamldecode("- 0o14\n- 012\n- 0x1F\n- 1_000\n- 1e3\n- y\n- 'y'\n- ~")"#,
            r#"[12,12,31,"1_000",1000,true,"y",null]"#,
        ),
        (
            r#"yamldecode("a: 2020-01-02\nb: 2020-01-02 3:4:5")"#,
            r#"{"a":"2020-01-02T00:00:00Z","b":"2020-01-02T03:04:05Z"}"#,
        ),
        (r#"yamldecode("x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  b: 3")"#, r#"{"x":{"a":1,"b":2},"z":{"a":1,"b":3}}"#),
        (r#"yamldecode("a: !!str 1\nb: !!int \"2\"")"#, r#"{"a":"1","b":"2"}"#),
        (r#"yamldecode("a: |\n  x")"#, r#"{"a":"x"}"#),
        (r#"yamldecode("1: a\ntrue: b")"#, r#"{"1":"a","true":"b"}"#),
    ]);
    assert_refused(&[
        r#"yamldecode("")"#,
        r#"yamldecode("a: !foo x")"#,
        r#"yamldecode("? [a]\n: b")"#,
        r#"yamldecode("a\n---\nb")"#,
        r#"yamldecode(".nan")"#,
        r#"yamldecode("a: [")"#,
        r#"yamldecode("%YAML 1.2\n---\na: 1")"#,
        r#"yamldecode("\ta: 1")"#,
        r#"yamldecode("<<: [{a: 1}]")"#,
    ]);
}

#[test]
fn yaml_is_laid_out_as_libyaml_does() {
    let written = |expression: &str| {
        let text = json(&format!("yamlencode({expression})"));
        text.trim_matches('"').replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
    };
    assert_eq!(
        written("{ a = [1, { b = \"x\", c = [] }], d = {} }"),
        "\"a\":\n- 1\n- \"b\": \"x\"\n  \"c\": []\n\"d\": {}\n"
    );
    assert_eq!(written("{ a = \"l1\\nl2\\n\", b = \" x\\ny\" }"), "\"a\": |\n  l1\n  l2\n\"b\": |2-\n   x\n  y\n");
    assert_eq!(written("[[1, 2], []]"), "- - 1\n  - 2\n- []\n");
    assert_eq!(written("\"tab\\t😀\""), "\"tab\\t\\U0001F600\"\n");
    assert_eq!(written("1"), "1\n...\n");
    assert_eq!(written("{ \"k\\nl\" = 1 }"), "? |-\n  k\n  l\n: 1\n");
}

#[test]
fn long_lines_of_yaml_are_broken_at_spaces() {
    let text = json(r#"yamlencode({ a = join(" ", range(40)) })"#);
    assert!(text.contains("27 28\\n  29 30"), "{text}");
}

#[test]
fn csv_has_a_header_and_quotes() {
    assert_values(&[
        (r#"csvdecode("a,b\n1,\"x,\"\"y\"\n\n2,\n")"#, r#"[{"a":"1","b":"x,\"y"},{"a":"2","b":""}]"#),
        (r#"csvdecode("a\n\"1\n2\"")"#, r#"[{"a":"1\n2"}]"#),
        (r#"csvdecode("a,b")"#, "[]"),
    ]);
    assert_refused(&[r#"csvdecode("")"#, r#"csvdecode("a,a\n")"#, r#"csvdecode("a,b\n1")"#, r#"csvdecode("a\nx\"y")"#]);
}

#[test]
fn hashes_and_identifiers() {
    assert_values(&[
        (r#"md5("hello")"#, r#""5d41402abc4b2a76b9719d911017c592""#),
        (r#"sha1("hello")"#, r#""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#),
        (r#"base64sha256("hello")"#, r#""LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=""#),
        (r#"uuidv5("dns", "www.terraform.io")"#, r#""a5008fae-b28c-5ba5-96cd-82b4c53552d6""#),
    ]);
    assert_refused(&[r#"uuidv5("DNS", "a")"#, r#"bcrypt("a", 32)"#]);
}

#[test]
fn rsa_decrypts_with_a_key_of_any_common_form() {
    // A key of 512 bits, made for this test, and "secret" encrypted with it.
    let key = include_str!("key.pem").replace('\n', "\\n");
    let secret = include_str!("secret.base64").trim();
    assert_eq!(json(&format!("rsadecrypt(\"{secret}\", \"{key}\")")), r#""secret""#);
    assert!(refusal(r#"rsadecrypt("YQ==", "x")"#).contains("no key found"));
    assert_refused(&[r#"rsadecrypt("!!", "x")"#]);
}

#[test]
fn the_aws_providers_functions_need_no_provider() {
    assert_values(&[
        (r#"provider::aws::arn_build("aws", "s3", "", "", "b/*")"#, r#""arn:aws:s3:::b/*""#),
        (
            r#"provider::aws::arn_parse("arn:aws:iam::123456789012:role/a/b")"#,
            r#"{"account_id":"123456789012","partition":"aws","region":"","resource":"role/a/b","service":"iam"}"#,
        ),
        (
            r#"provider::aws::trim_iam_role_path("arn:aws:iam::123456789012:role/a/b")"#,
            r#""arn:aws:iam::123456789012:role/b""#,
        ),
    ]);
    assert_refused(&[r#"provider::aws::arn_parse("x")"#, r#"provider::aws::trim_iam_role_path("arn:aws:s3:::b")"#]);
}
