//! Rows in the binary form of COPY, which Postgres takes in half the time of the text form since it has nothing to parse. Each row
//! is the number of its values, and each value its length and its bytes as the type's `recv` function reads them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{Datelike as _, NaiveDate, NaiveTime, Timelike as _};

/// What comes before the rows.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What comes behind them.
pub(super) const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

/// The length of no value.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
/// The type `bigint`.
const BIGINT: u32 = 20;
/// The first day of 2000, from which Postgres counts, by the days of the common era.
const EPOCH: i32 = 730_120;
const MICROSECONDS_OF_DAY: i64 = 86_400_000_000;

/// Begins a row of so many values.
pub(super) fn begin_row(values: usize, rows: &mut Vec<u8>) {
    // Postgres allows for 1,600 columns.
    rows.extend(u16::try_from(values).unwrap_or(u16::MAX).to_be_bytes());
}

/// No value.
pub(super) fn put_null(rows: &mut Vec<u8>) {
    rows.extend(NULL);
}

/// A value by its bytes.
pub(super) fn put(bytes: &[u8], rows: &mut Vec<u8>) {
    rows.extend(length(bytes.len()));
    rows.extend_from_slice(bytes);
}

/// A text of JSON as `jsonb`.
pub(super) fn put_json(text: &str, rows: &mut Vec<u8>) {
    /// Of the form, not of Postgres.
    const VERSION: u8 = 1;
    rows.extend(length(1 + text.len()));
    rows.push(VERSION);
    rows.extend_from_slice(text.as_bytes());
}

/// Numbers as `bigint[]`.
pub(super) fn put_list(numbers: &[i64], rows: &mut Vec<u8>) {
    const DIMENSIONS: i32 = 1;
    const WITHOUT_NULLS: i32 = 0;
    const FIRST: i32 = 1;
    rows.extend(length(20 + numbers.len() * 12));
    rows.extend(DIMENSIONS.to_be_bytes());
    rows.extend(WITHOUT_NULLS.to_be_bytes());
    rows.extend(BIGINT.to_be_bytes());
    rows.extend(length(numbers.len()));
    rows.extend(FIRST.to_be_bytes());
    for number in numbers {
        put(&number.to_be_bytes(), rows);
    }
}

/// A date such as `2026-02-28`, by its days; `None` if it is none.
pub(super) fn date(text: &str) -> Option<[u8; 4]> {
    days(text).map(i32::to_be_bytes)
}

/// A moment of UTC such as `2026-02-28 23:59:59`, by its microseconds; `None` if it is none.
pub(super) fn moment(text: &str) -> Option<[u8; 8]> {
    let (date, time) = text.split_once(' ')?;
    let time: NaiveTime = time.parse().ok()?;
    let seconds = i64::from(time.num_seconds_from_midnight());
    let since_midnight = seconds * 1_000_000 + i64::from(time.nanosecond() / 1_000);
    let moment = i64::from(days(date)?) * MICROSECONDS_OF_DAY + since_midnight;
    Some(moment.to_be_bytes())
}

fn days(text: &str) -> Option<i32> {
    // Not by `parse_from_str`, which reads its format anew each time: there may be several in each record.
    let date: NaiveDate = text.parse().ok()?;
    // There was no year 0, whatever a calendar computes.
    (date.year() > 0).then(|| date.num_days_from_ce() - EPOCH)
}

/// What a text in base 64 stands for, which may have several lines.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text.replace(['\n', '\r'], "")).ok()
}

/// A decimal number such as `-1234.5` or `1e-7` as `numeric`: groups of four digits, the place of the first group, the sign, and how
/// many digits are shown behind the point. `None` if it is none, or out of all proportion.
pub(super) fn numeric(text: &str) -> Option<Vec<u8>> {
    /// Digits of a group.
    const GROUP: i32 = 4;
    const NEGATIVE: u16 = 0x4000;
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (NEGATIVE, text),
        None => (0, text),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let shown = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let shown = u16::try_from(shown.max(0)).ok()?;
    // How many digits stand before the point.
    let mut before = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let mut digits = [whole, fraction].concat().into_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.drain(..zeros);
    before -= i32::try_from(zeros).ok()?;
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0');
    digits.truncate(digits.len() - zeros.count());
    if digits.is_empty() {
        let mut zero = vec![0; 8];
        zero[6..].copy_from_slice(&shown.to_be_bytes());
        return Some(zero);
    }
    // Groups are counted from the point, so that the first and the last one may lack some digits.
    let lacks = usize::try_from((-before).rem_euclid(GROUP)).ok()?;
    digits.splice(..0, vec![b'0'; lacks]);
    let groups = digits.chunks(4).map(|group| {
        let value = |sum: u16, digit: &u8| sum * 10 + u16::from(digit - b'0');
        group.iter().chain(b"000").take(4).fold(0, value)
    });
    let groups: Vec<u16> = groups.collect();
    let weight = i16::try_from((before - 1).div_euclid(GROUP)).ok()?;
    let count = u16::try_from(groups.len()).ok()?;
    let mut number = Vec::with_capacity(8 + groups.len() * 2);
    number.extend(count.to_be_bytes());
    number.extend(weight.to_be_bytes());
    number.extend(sign.to_be_bytes());
    number.extend(shown.to_be_bytes());
    number.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
    Some(number)
}

/// How many there are, or how long it is.
fn length(count: usize) -> [u8; 4] {
    // An answer of Odoo's is far smaller than the gigabyte that a value may have.
    u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes()
}
