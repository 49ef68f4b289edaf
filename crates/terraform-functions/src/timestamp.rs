//! Points in time and spans of time, as the date functions read and write them.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc3339>, and for durations
//! <https://developer.hashicorp.com/terraform/language/functions/timeadd>.

use std::fmt;

const NANOSECONDS: i128 = 1_000_000_000;
const SECONDS_OF_DAY: i64 = 86_400;

/// A point in time with the offset of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u8,
    /// From 1.
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    nanosecond: u32,
    /// Seconds that the zone is ahead of UTC.
    offset: i32,
}

/// How many days a month has.
fn days_in(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar, in either direction.
fn days_from_date(year: i64, month: u8, day: u8) -> i64 {
    // Years that begin in March have the leap day at their end.
    let (year, month) = if month > 2 { (year, i64::from(month) - 3) } else { (year - 1, i64::from(month) + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date that many days after 1970-01-01.
fn date_from_days(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let small = |number: i64| u8::try_from(number).unwrap_or(1);
    (era * 400 + year_of_era + carry, small(month), small(day))
}

/// The number that exactly these digits are, if it is in the range.
fn digits(text: Option<&str>, least: u8, most: u8) -> Option<u8> {
    let text = text?;
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| all_digits && (least..=most).contains(number))
}

impl Timestamp {
    /// Reads `2020-02-29T13:04:05.25+01:00`: the strict form of RFC 3339. The error says what is wrong in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let year: i64 = text
            .get(0..4)
            .filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|year| year.parse().ok())
            .ok_or("it does not begin with a year of four digits")?;
        let separator = |at: usize, wanted: char| {
            let found = text.get(at..).and_then(|rest| rest.chars().next());
            match found {
                Some(found) if found == wanted => Ok(()),
                Some(_) if wanted == 'T' => Err("missing required time introducer 'T'".to_owned()),
                Some(found) => Err(format!("found {found:?} where {wanted:?} is expected")),
                None => Err(format!("end of string where {wanted:?} is expected")),
            }
        };
        let part = |at: usize, least: u8, most: u8, what: &str| {
            let given = text.get(at..at + 2);
            digits(given, least, most).ok_or_else(|| match text.get(at..).filter(|rest| !rest.is_empty()) {
                Some(rest) => format!("cannot use {:?} as {what}", given.unwrap_or(rest)),
                None => format!("end of string before {what}"),
            })
        };
        separator(4, '-')?;
        let month = part(5, 1, 12, "month")?;
        separator(7, '-')?;
        let day = part(8, 1, days_in(year, month), "day of month")?;
        separator(10, 'T')?;
        let hour = part(11, 0, 23, "hour")?;
        separator(13, ':')?;
        let minute = part(14, 0, 59, "minute")?;
        separator(16, ':')?;
        let second = part(17, 0, 59, "second")?;
        let (nanosecond, zone) = fraction(text.get(19..).unwrap_or_default());
        let offset = zone_offset(zone).ok_or_else(|| match zone {
            "" => "end of string before UTC offset".to_owned(),
            _ => format!("cannot use {zone:?} as UTC offset"),
        })?;
        Ok(Self { year, month, day, hour, minute, second, nanosecond, offset })
    }

    /// Nanoseconds since the beginning of 1970 in UTC.
    pub(crate) fn instant(&self) -> i128 {
        let seconds = days_from_date(self.year, self.month, self.day) * SECONDS_OF_DAY
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second)
            - i64::from(self.offset);
        i128::from(seconds) * NANOSECONDS + i128::from(self.nanosecond)
    }

    /// The point that many nanoseconds later, in the same zone.
    pub(crate) fn add(&self, duration: i64) -> Self {
        let local = self.instant() + i128::from(duration) + i128::from(self.offset) * NANOSECONDS;
        let nanosecond = u32::try_from(local.rem_euclid(NANOSECONDS)).unwrap_or(0);
        let seconds = i64::try_from(local.div_euclid(NANOSECONDS)).unwrap_or(0);
        let (year, month, day) = date_from_days(seconds.div_euclid(SECONDS_OF_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_OF_DAY);
        let small = |number: i64| u8::try_from(number).unwrap_or(0);
        Self {
            year,
            month,
            day,
            hour: small(second_of_day / 3600),
            minute: small(second_of_day / 60 % 60),
            second: small(second_of_day % 60),
            nanosecond,
            offset: self.offset,
        }
    }

    /// The day of the week, counted from Sunday.
    pub(crate) fn weekday(&self) -> usize {
        let days = days_from_date(self.year, self.month, self.day);
        usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0)
    }

    /// The offset of the zone as `+01` and `00` with something between, or as `utc` where there is none.
    pub(crate) fn zone(&self, between: &str, utc: Option<&str>) -> String {
        match utc {
            Some(utc) if self.offset == 0 => utc.to_owned(),
            _ => {
                let minutes = self.offset.abs() / 60;
                let sign = if self.offset < 0 { '-' } else { '+' };
                format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl fmt::Display for Timestamp {
    /// As RFC 3339 has it, in whole seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{}", self.zone(":", Some("Z")))
    }
}

/// The nanoseconds of a fraction at the beginning, if there is one, and what follows.
fn fraction(rest: &str) -> (u32, &str) {
    let Some(after) = rest.strip_prefix('.') else { return (0, rest) };
    let count = after.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return (0, rest);
    }
    let mut nanoseconds = String::from(&after[..count.min(9)]);
    nanoseconds.extend(std::iter::repeat_n('0', 9 - nanoseconds.len()));
    (nanoseconds.parse().unwrap_or(0), &after[count..])
}

/// The seconds of `Z` or `+01:00`.
fn zone_offset(zone: &str) -> Option<i32> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if zone.len() != 6 || zone.get(3..4)? != ":" {
        return None;
    }
    let (hours, minutes) = (digits(zone.get(1..3), 0, 23)?, digits(zone.get(4..6), 0, 59)?);
    Some(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60))
}

/// Reads `-1h30m`, `1.5s` and the like into nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let refused = || format!("invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(refused());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number =
            &rest[..rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len())];
        rest = &rest[number.len()..];
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(refused());
        }
        let unit =
            &rest[..rest.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(rest.len())];
        if unit.is_empty() {
            return Err(format!("missing unit in duration {text:?}"));
        }
        rest = &rest[unit.len()..];
        let unit = unit_length(unit).ok_or_else(|| format!("unknown unit {unit:?} in duration {text:?}"))?;
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| refused())? };
        total += i128::from(whole) * unit + fraction_of(fraction, unit);
        if total > i128::from(i64::MAX) + i128::from(negative) {
            return Err(refused());
        }
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| refused())
}

/// The part of a unit that the digits after a point are, without its own fraction. Digits beyond the eighteenth are lost.
fn fraction_of(digits: &str, unit: i128) -> i128 {
    let digits = &digits[..digits.len().min(18)];
    let value: i128 = digits.parse().unwrap_or(0);
    value * unit / 10i128.pow(u32::try_from(digits.len()).unwrap_or(0))
}

fn unit_length(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        // The micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOSECONDS,
        "m" => 60 * NANOSECONDS,
        "h" => 3600 * NANOSECONDS,
        _ => return None,
    })
}

/// The point in time that a YAML scalar stands for: a date alone, or with a time after `T`, `t` or a space; months, days
/// and the parts of the time may have one digit. After a space there is no zone.
pub(crate) fn from_yaml(text: &str) -> Option<Timestamp> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((text.as_bytes()[at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && parts.next().is_none();
    let year: i64 = year.parse().ok().filter(|_| plain)?;
    let short =
        |text: &str, least: u8, most: u8| digits(Some(text).filter(|text| (1..=2).contains(&text.len())), least, most);
    let month = short(month, 1, 12)?;
    let day = short(day, 1, days_in(year, month))?;
    let midnight = Timestamp { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0, offset: 0 };
    let Some((introducer, time)) = time else { return Some(midnight) };
    let mut parts = time.splitn(3, ':');
    let (hour, minute, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let second = &rest[..rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len())];
    let (nanosecond, zone) = fraction(&rest[second.len()..]);
    let offset = if introducer == b' ' { zone.is_empty().then_some(0)? } else { zone_offset(zone)? };
    let (hour, minute, second) = (short(hour, 0, 23)?, short(minute, 0, 59)?, short(second, 0, 59)?);
    Some(Timestamp { hour, minute, second, nanosecond, offset, ..midnight })
}
