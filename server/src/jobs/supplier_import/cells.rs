//! Reads single cells of a row as what their column means, and words what is wrong with them.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    barcode::{self, Wrong},
    dates,
    file::Kind,
    numbers::{self, Number, Reading, Unreadable},
};

/// What is wrong with a cell: a code of [`super::codes::ROW_ERRORS`] and words for people.
pub(super) type CellFault = (&'static str, String);

/// How much of a cell is shown in a message.
const SHOWN: usize = 40;

/// A cell's text in quotes, cut to what people need to find it.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("'{}...'", &text[..end]),
        None => format!("'{text}'"),
    }
}

/// A text of at most `longest` bytes; an apostrophe that disarms a formula is taken off.
pub(super) fn text(text: &str, longest: usize) -> Result<&str, CellFault> {
    let text = match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    };
    if text.len() > longest {
        return Err((
            "text_invalid",
            format!(
                "the text has {} bytes, more than the {longest} that fit",
                text.len()
            ),
        ));
    }
    if has_controls(text) {
        return Err(("text_invalid", "the text has control characters".to_owned()));
    }
    Ok(text)
}

/// Whether there are control characters other than blanks.
fn has_controls(text: &str) -> bool {
    // Those beyond ASCII all begin with 0xc2, and letters do not have the others: most texts need no closer look.
    let may_have = |byte: u8| byte < 0x20 || byte == 0x7f || byte == 0xc2;
    // Without a way out in between, the compiler looks at many bytes at once.
    text.bytes()
        .fold(false, |found, byte| found | may_have(byte))
        && text
            .chars()
            .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
}

/// A barcode whose check digit fits.
pub(super) fn barcode(text: &str) -> Result<Cow<'_, str>, CellFault> {
    barcode::read(text).map_err(|wrong| match wrong {
        Wrong::Scientific => (
            "barcode_scientific",
            format!("{} is a rounded barcode: format the column as text or number before saving the list", shown(text)),
        ),
        Wrong::CheckDigit => ("barcode_check_digit", format!("the last digit of {} does not fit the others", shown(text))),
        Wrong::Length(length) => {
            ("barcode_invalid", format!("{} has {length} digits; barcodes have 8, 12, 13 or 14", shown(text)))
        }
        Wrong::Characters => ("barcode_invalid", format!("{} has characters that no barcode has", shown(text))),
    })
}

/// A number of any size that lists need, and no percentage.
pub(super) fn number(text: &str, kind: Kind, reading: Reading) -> Result<Number, CellFault> {
    let number = number_or_percentage(text, kind, reading)?;
    if number.percent {
        return Err((
            "number_unreadable",
            format!("{} is a percentage", shown(text)),
        ));
    }
    Ok(number)
}

/// A discount in percent. Below 1 it needs the sign: 0.15 is also how 15 % is kept.
pub(super) fn discount(text: &str, kind: Kind, reading: Reading) -> Result<Decimal, CellFault> {
    let number = number_or_percentage(text, kind, reading)?;
    if !number.percent && number.value > Decimal::ZERO && number.value < Decimal::ONE {
        return Err((
            "number_ambiguous",
            format!(
                "{} could be a part of one percent or of the whole: write it with the sign %",
                shown(text)
            ),
        ));
    }
    within(number.value, text, 0, 100)
}

fn number_or_percentage(text: &str, kind: Kind, reading: Reading) -> Result<Number, CellFault> {
    if matches!(kind, Kind::Date | Kind::Bool) {
        return Err((
            "number_unreadable",
            format!("{} is not a number but a date or a yes or no", shown(text)),
        ));
    }
    let number = numbers::read(text, kind, reading).map_err(|why| match why {
        Unreadable::NotANumber => (
            "number_unreadable",
            format!("{} is not a number", shown(text)),
        ),
        Unreadable::Scientific => (
            "number_scientific",
            format!("{} is written with an exponent: write it out", shown(text)),
        ),
        Unreadable::Ambiguous => (
            "number_ambiguous",
            format!(
                "{} could be a thousand or a little more than one: give the decimal style",
                shown(text)
            ),
        ),
        Unreadable::OtherStyle => (
            "number_unreadable",
            format!(
                "{} is not written in the decimal style that was given",
                shown(text)
            ),
        ),
        Unreadable::TooLong => (
            "number_out_of_range",
            format!("{} has too many digits", shown(text)),
        ),
    })?;
    if number.value.abs() > Decimal::from(1_000_000_000_000_i64) {
        return Err((
            "number_out_of_range",
            format!("{} is larger than any list needs", shown(text)),
        ));
    }
    Ok(number)
}

/// A number between two bounds, without a currency.
pub(super) fn bounded(
    text: &str,
    kind: Kind,
    reading: Reading,
    least: i64,
    most: i64,
) -> Result<Decimal, CellFault> {
    within(number(text, kind, reading)?.value, text, least, most)
}

fn within(value: Decimal, text: &str, least: i64, most: i64) -> Result<Decimal, CellFault> {
    if value < Decimal::from(least) || value > Decimal::from(most) {
        return Err((
            "number_out_of_range",
            format!("{} is not between {least} and {most}", shown(text)),
        ));
    }
    Ok(value)
}

/// A whole number of days.
pub(super) fn days(text: &str, kind: Kind, reading: Reading) -> Result<i32, CellFault> {
    let value = bounded(text, kind, reading, 0, 36_500)?;
    i32::try_from(value)
        .ok()
        .filter(|days| Decimal::from(*days) == value)
        .ok_or_else(|| {
            (
                "number_out_of_range",
                format!("{} is not a whole number of days", shown(text)),
            )
        })
}

/// A stock as suppliers tell it: `12`, `>100`, `100+`.
pub(super) fn stock(text: &str, kind: Kind, reading: Reading) -> Result<Decimal, CellFault> {
    let least = text
        .strip_prefix('>')
        .or_else(|| text.strip_suffix('+'))
        .unwrap_or(text)
        .trim();
    number(least, kind, reading).map(|number| number.value)
}

/// A date.
pub(super) fn date(text: &str) -> Result<NaiveDate, CellFault> {
    dates::read(text).ok_or_else(|| {
        (
            "date_unreadable",
            format!(
                "{} is not a date: write 2026-01-31 or 31-01-2026",
                shown(text)
            ),
        )
    })
}

/// A currency's code of three letters.
pub(super) fn currency(text: &str) -> Result<[u8; 3], CellFault> {
    let code = match text {
        "\u{20ac}" => Some(*b"EUR"),
        "\u{a3}" => Some(*b"GBP"),
        other => <[u8; 3]>::try_from(other.as_bytes()).ok(),
    };
    match code {
        Some(code) if code.iter().all(u8::is_ascii_alphabetic) => {
            Ok(code.map(|letter| letter.to_ascii_uppercase()))
        }
        _ => Err((
            "currency_invalid",
            format!("{} is not a currency's code of three letters", shown(text)),
        )),
    }
}

/// A yes or no; blank is no.
pub(super) fn flag(text: &str) -> Result<bool, CellFault> {
    const YES: [&str; 13] = [
        "ja",
        "j",
        "yes",
        "y",
        "true",
        "waar",
        "1",
        "x",
        "discontinued",
        "eol",
        "uitlopend",
        "vervallen",
        "end of life",
    ];
    const NO: [&str; 9] = [
        "", "nee", "n", "no", "false", "onwaar", "0", "active", "actief",
    ];
    let word = text.to_lowercase();
    if NO.contains(&word.as_str()) {
        Ok(false)
    } else if YES.contains(&word.as_str()) {
        Ok(true)
    } else {
        Err((
            "flag_unreadable",
            format!("{} is neither yes nor no", shown(text)),
        ))
    }
}
