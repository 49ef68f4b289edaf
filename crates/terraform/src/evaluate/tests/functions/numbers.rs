//! Numbers.

use super::{assert_refused, assert_values};

#[test]
fn numbers_have_all_the_digits_that_terraform_keeps() {
    assert_values(&[
        ("0.1 + 0.2", "0.3"),
        ("123456789012345678901234567890 + 1", "123456789012345678901234567891"),
        ("floor(-1.5)", "-2"),
        ("ceil(1.1)", "2"),
        ("abs(-12345678901234567890)", "12345678901234567890"),
        ("max(1, \"3\", 2)", "3"),
        ("signum(-7)", "-1"),
    ]);
    assert_refused(&["max()", "signum(0.5)", "abs(\"x\")", "floor(null)"]);
}

#[test]
fn logarithms_and_powers_are_those_of_doubles() {
    assert_values(&[
        ("pow(2, 10)", "1024"),
        ("pow(2, 64)", "18446744073709550000"),
        ("pow(10, 23)", "100000000000000000000000"),
        ("log(8, 2)", "3"),
        ("log(3, 10)", "0.4771212547196623"),
    ]);
    assert_refused(&["log(-1, 2)", "pow(-1, 0.5)"]);
}

#[test]
fn remainders_are_computed_by_way_of_the_quotient() {
    assert_values(&[("7 % 3", "1"), ("-7 % 3", "-1"), ("5.5 % 2", "1.5"), ("2 % 0", "2")]);
}

#[test]
fn dividing_by_zero_is_infinite_and_zero_by_zero_is_refused() {
    assert_values(&[("1 / 0 == 2 / 0", "true"), ("1 / 0 > 1e100", "true")]);
    assert_refused(&["0 / 0", "1 / 0 - 1 / 0", "jsonencode(1 / 0)"]);
}

#[test]
fn integers_are_read_in_any_base() {
    assert_values(&[
        (r#"parseint("ff", 16)"#, "255"),
        (r#"parseint("-zZ", 62)"#, "-2231"),
        (r#"tonumber("1e3")"#, "1000"),
        (r#"tonumber("1p3")"#, "8"),
    ]);
    assert_refused(&[
        r#"parseint("2", 2)"#,
        r#"parseint("1", 63)"#,
        r#"parseint("", 10)"#,
        r#"tonumber("0x1")"#,
        r#"tonumber(" 1")"#,
    ]);
}
