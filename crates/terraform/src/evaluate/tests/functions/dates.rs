//! Dates and times.

use super::{assert_refused, assert_values, json};

#[test]
fn timestamps_are_written_in_any_format() {
    let time = r#""2018-01-02T23:12:01Z""#;
    let written = |format: &str| json(&format!("formatdate(\"{format}\", {time})"));
    assert_eq!(written("DD MMM YYYY hh:mm ZZZ"), r#""02 Jan 2018 23:12 UTC""#);
    assert_eq!(written("EEEE, DD-MMM-YY hh:mm:ss ZZZ"), r#""Tuesday, 02-Jan-18 23:12:01 UTC""#);
    assert_eq!(written("h'h' m'm' ''H''aa"), r#""23h 12m '11'pm""#);
    assert_refused(&[
        r#"formatdate("YYY", "2018-01-02T23:12:01Z")"#,
        r#"formatdate("'a", "2018-01-02T23:12:01Z")"#,
        r#"formatdate("q", "2018-01-02T23:12:01Z")"#,
        r#"formatdate("YYYY", "2018-02-30T23:12:01Z")"#,
    ]);
}

#[test]
fn durations_are_added_and_times_compared() {
    assert_values(&[
        (r#"timeadd("2017-11-22T00:00:00Z", "10m")"#, r#""2017-11-22T00:10:00Z""#),
        (r#"timeadd("2020-02-28T23:59:59.5+01:00", "1.5s")"#, r#""2020-02-29T00:00:01+01:00""#),
        (r#"timeadd("2020-03-01T00:00:00Z", "-24h")"#, r#""2020-02-29T00:00:00Z""#),
        (r#"timecmp("2017-11-22T01:00:00+01:00", "2017-11-22T00:00:00Z")"#, "0"),
        (r#"timecmp("2017-11-22T00:00:00Z", "2017-11-22T00:00:01Z")"#, "-1"),
    ]);
    assert_refused(&[
        r#"timeadd("2017-11-22T00:00:00Z", "1d")"#,
        r#"timeadd("2017-11-22T00:00:00Z", "1")"#,
        r#"timeadd("2017-11-22 00:00:00Z", "1h")"#,
        r#"timecmp("2017-11-22T24:00:00Z", "2017-11-22T00:00:00Z")"#,
    ]);
}
