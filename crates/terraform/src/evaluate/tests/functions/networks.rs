//! Address ranges.

use super::{assert_refused, assert_values};

#[test]
fn ranges_are_divided_and_numbered() {
    assert_values(&[
        (r#"cidrsubnet("10.0.0.0/8", 8, 2)"#, r#""10.2.0.0/16""#),
        (r#"cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)"#, r#""fd00:fd12:3456:7800:a200::/72""#),
        (r#"cidrhost("10.12.112.0/20", 16)"#, r#""10.12.112.16""#),
        (r#"cidrhost("10.12.112.0/20", -1)"#, r#""10.12.127.255""#),
        (r#"cidrnetmask("172.16.0.0/12")"#, r#""255.240.0.0""#),
        (
            r#"cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)"#,
            r#"["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"]"#,
        ),
        (r#"cidrsubnet("010.0.0.1/8", 0, 0)"#, r#""10.0.0.0/8""#),
        (r#"cidrhost("2001:db8::/32", 1)"#, r#""2001:db8::1""#),
    ]);
    assert_refused(&[
        r#"cidrsubnet("10.0.0.0/8", 25, 0)"#,
        r#"cidrsubnet("10.0.0.0/8", 1, 2)"#,
        r#"cidrsubnet("10.0.0/8", 1, 0)"#,
        r#"cidrhost("10.0.0.0/32", 1)"#,
        r#"cidrhost("10.0.0.0/32", -2)"#,
        r#"cidrnetmask("::/0")"#,
        r#"cidrsubnets("10.0.0.0/31", 1, 1, 1)"#,
        r#"cidrsubnets("10.0.0.0/8", 0)"#,
    ]);
}
