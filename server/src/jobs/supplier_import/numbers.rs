//! Numbers as suppliers write them: either decimal style, currency signs, thousands, percent. Nothing unreadable becomes 0.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{file::Kind, number_shape};

/// How numbers are written in text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalStyle {
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
}

/// How to read a column's numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reading {
    /// Somebody said so: a number of the other style is refused.
    Given(DecimalStyle),
    /// Found by looking: a number that can only be of the other style is read as what it is.
    Found(DecimalStyle),
    /// Unknown or contradictory: a number that could be either is refused.
    Unknown,
}

/// What a number tells about the style of its column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Evidence {
    /// It can only be of this style.
    Of(DecimalStyle),
    /// It is `1.234` or `1,234`: a thousand or a little more than one.
    Ambiguous,
    /// It says nothing.
    None,
}

/// A currency that a sign beside a number names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sign {
    /// `€`
    Euro,
    /// `£`
    Pound,
    /// `$`, whichever dollar.
    Dollar,
    /// A code of three letters.
    Code([u8; 3]),
}

/// A number that was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Number {
    /// Its value.
    pub value: Decimal,
    /// The currency sign that stood beside it.
    pub sign: Option<Sign>,
    /// Whether a percent sign stood behind it.
    pub percent: bool,
}

/// Why a number cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unreadable {
    /// It is no number.
    NotANumber,
    /// It is written with an exponent, so digits are lost.
    Scientific,
    /// It could be a thousand or a little more than one.
    Ambiguous,
    /// It is written in the other style than the one given.
    OtherStyle,
    /// It has more digits than any price.
    TooLong,
}

/// Whether a text stands for "no value".
pub(super) fn is_blank(text: &str) -> bool {
    matches!(
        text,
        "" | "-" | "--" | "n/a" | "N/A" | "nvt" | "n.v.t." | "NVT"
    )
}

/// What the number in this text tells about its column's style.
pub(super) fn evidence(text: &str, kind: Kind) -> Evidence {
    if kind == Kind::Number {
        return Evidence::None;
    }
    match strip(text).and_then(|stripped| number_shape::evidence(stripped.digits)) {
        Ok(evidence) => evidence,
        Err(_) => Evidence::None,
    }
}

/// Reads a number; the text is trimmed and not blank.
///
/// # Errors
/// [`Unreadable`] says why not.
pub(super) fn read(text: &str, kind: Kind, reading: Reading) -> Result<Number, Unreadable> {
    if kind == Kind::Number {
        let digits = text.strip_suffix('%');
        let value = digits
            .unwrap_or(text)
            .parse::<Decimal>()
            .map_err(|_| Unreadable::NotANumber)?;
        return Ok(Number {
            value,
            sign: None,
            percent: digits.is_some(),
        });
    }
    let stripped = strip(text)?;
    let evidence = number_shape::evidence(stripped.digits)?;
    let style = match (evidence, reading) {
        (Evidence::Of(style), Reading::Given(given)) if style != given => {
            return Err(Unreadable::OtherStyle);
        }
        (Evidence::Of(style), _)
        | (Evidence::Ambiguous, Reading::Given(style) | Reading::Found(style)) => Some(style),
        (Evidence::Ambiguous, Reading::Unknown) => return Err(Unreadable::Ambiguous),
        (Evidence::None, _) => None,
    };
    let value = value(stripped.digits, style, stripped.negative)?;
    Ok(Number {
        value,
        sign: stripped.sign,
        percent: stripped.percent,
    })
}

/// A number's digits and separators without what stands around them.
struct Stripped<'a> {
    digits: &'a str,
    negative: bool,
    sign: Option<Sign>,
    percent: bool,
}

fn strip(text: &str) -> Result<Stripped<'_>, Unreadable> {
    let mut stripped = Stripped {
        digits: text,
        negative: false,
        sign: None,
        percent: false,
    };
    // Most numbers have nothing around them.
    let is_bare = |byte: u8| byte.is_ascii_digit() || matches!(byte, b',' | b'.');
    if text.bytes().all(is_bare) {
        return Ok(stripped);
    }
    stripped.digits = text.trim();
    let mut minus = false;
    // A currency and a minus may stand on either side and in either order: "-€ 5", "€ -5", "5,00- EUR".
    for _ in 0..3 {
        let digits = stripped.digits;
        if let Some(rest) = digits.strip_suffix('%') {
            stripped.percent = true;
            stripped.digits = rest.trim_end();
        }
        if let Some((sign, rest)) = currency(stripped.digits) {
            if stripped.sign.is_some() {
                return Err(Unreadable::NotANumber);
            }
            stripped.sign = Some(sign);
            stripped.digits = rest.trim();
        }
        // Round amounts are written "12,-" and "12.--".
        for round in [",--", ",-", ".--", ".-", ",\u{2013}"] {
            if let Some(rest) = stripped.digits.strip_suffix(round) {
                stripped.digits = rest;
                break;
            }
        }
        let digits_now = stripped.digits;
        if let Some(rest) = digits_now
            .strip_prefix(['-', '\u{2212}'])
            .or_else(|| digits_now.strip_suffix(['-', '\u{2212}']))
        {
            if minus {
                return Err(Unreadable::NotANumber);
            }
            minus = true;
            stripped.digits = rest.trim();
        } else if let Some(rest) = digits_now.strip_prefix('+') {
            stripped.digits = rest.trim_start();
        }
        if stripped.digits.len() == digits.len() {
            break;
        }
    }
    stripped.negative = minus;
    Ok(stripped)
}

fn currency(text: &str) -> Option<(Sign, &str)> {
    for (mark, sign) in [
        ('\u{20ac}', Sign::Euro),
        ('\u{a3}', Sign::Pound),
        ('$', Sign::Dollar),
    ] {
        if let Some(rest) = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)) {
            return Some((sign, rest));
        }
    }
    let bytes = text.as_bytes();
    let code = |three: &[u8]| -> Option<Sign> {
        let three: [u8; 3] = three.try_into().ok()?;
        three
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Sign::Code(three))
    };
    if bytes.len() > 3 {
        let borders =
            |byte: u8| byte == b' ' || byte.is_ascii_digit() || byte == 0xa0 || byte == b'-';
        if let Some(sign) = code(&bytes[..3])
            && (borders(bytes[3]) || bytes[3] == 0xc2)
        {
            return Some((sign, &text[3..]));
        }
        let start = bytes.len() - 3;
        if let Some(sign) = code(&bytes[start..])
            && borders(bytes[start - 1])
        {
            return Some((sign, &text[..start]));
        }
    }
    None
}

fn value(text: &str, style: Option<DecimalStyle>, negative: bool) -> Result<Decimal, Unreadable> {
    let decimal = match style {
        Some(DecimalStyle::Comma) => Some(b','),
        Some(DecimalStyle::Point) => Some(b'.'),
        None => None,
    };
    // Zeros at the end of the fraction say nothing.
    let text = match decimal {
        Some(mark) if text.as_bytes().contains(&mark) => text.trim_end_matches('0'),
        _ => text,
    };
    let mut mantissa = 0_i128;
    let mut scale = 0_u32;
    let mut after = false;
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            mantissa = mantissa * 10 + i128::from(byte - b'0');
            scale += u32::from(after);
            if mantissa > 79_228_162_514_264_337_593_543_950_335 || scale > 28 {
                return Err(Unreadable::TooLong);
            }
        } else if Some(byte) == decimal {
            after = true;
        }
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| Unreadable::TooLong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse::<Decimal>().unwrap().normalize()
    }

    #[test]
    fn every_way_to_write_a_number_is_read_or_refused_never_zero() {
        use Reading::{Found, Given, Unknown};
        let comma = DecimalStyle::Comma;
        let point = DecimalStyle::Point;
        let cases: [(&str, Reading, Result<&str, Unreadable>); 48] = [
            ("12", Unknown, Ok("12")),
            ("1.234,56", Unknown, Ok("1234.56")),
            ("1,234.56", Unknown, Ok("1234.56")),
            ("1.234.567,8", Unknown, Ok("1234567.8")),
            ("1.234.567", Unknown, Ok("1234567")),
            ("1,234,567", Unknown, Ok("1234567")),
            ("12,5", Unknown, Ok("12.5")),
            ("12.50", Unknown, Ok("12.5")),
            ("0,125", Unknown, Ok("0.125")),
            ("0.125", Unknown, Ok("0.125")),
            ("1234,567", Unknown, Ok("1234.567")),
            (",5", Unknown, Ok("0.5")),
            ("12,", Unknown, Ok("12")),
            ("1.234", Unknown, Err(Unreadable::Ambiguous)),
            ("1,234", Unknown, Err(Unreadable::Ambiguous)),
            ("1.234", Found(comma), Ok("1234")),
            ("1.234", Found(point), Ok("1.234")),
            ("1,234", Given(comma), Ok("1.234")),
            ("1,234", Given(point), Ok("1234")),
            ("12.50", Found(comma), Ok("12.5")),
            ("12.50", Given(comma), Err(Unreadable::OtherStyle)),
            ("1,234.56", Given(comma), Err(Unreadable::OtherStyle)),
            ("\u{20ac} 12,50", Unknown, Ok("12.5")),
            ("12,50 \u{20ac}", Unknown, Ok("12.5")),
            ("\u{20ac}12,50", Unknown, Ok("12.5")),
            ("EUR 12,50", Unknown, Ok("12.5")),
            ("12,50 EUR", Unknown, Ok("12.5")),
            ("$1,234.56", Unknown, Ok("1234.56")),
            ("12,-", Unknown, Ok("12")),
            ("\u{20ac} 12,--", Unknown, Ok("12")),
            ("-5,00", Unknown, Ok("-5")),
            ("5,00-", Unknown, Ok("-5")),
            ("-\u{20ac} 5,00", Unknown, Ok("-5")),
            ("\u{20ac} -5,00", Unknown, Ok("-5")),
            ("1 234,56", Unknown, Ok("1234.56")),
            ("1\u{a0}234\u{a0}567,8", Unknown, Ok("1234567.8")),
            ("1'234.56", Unknown, Ok("1234.56")),
            ("12,5 %", Unknown, Ok("12.5")),
            ("NaN", Unknown, Err(Unreadable::NotANumber)),
            ("inf", Unknown, Err(Unreadable::NotANumber)),
            ("op aanvraag", Unknown, Err(Unreadable::NotANumber)),
            ("1,23,45", Unknown, Err(Unreadable::NotANumber)),
            ("1.2.3", Unknown, Err(Unreadable::NotANumber)),
            ("12 34", Unknown, Err(Unreadable::NotANumber)),
            ("1,5 0", Unknown, Err(Unreadable::NotANumber)),
            ("8.71E+12", Unknown, Err(Unreadable::Scientific)),
            ("--5", Unknown, Err(Unreadable::NotANumber)),
            (
                "123456789012345678901234567890",
                Unknown,
                Err(Unreadable::TooLong),
            ),
        ];
        for (text, reading, expected) in cases {
            let found = read(text, Kind::Text, reading).map(|number| number.value);
            assert_eq!(found, expected.map(decimal), "{text:?} as {reading:?}");
        }
    }

    #[test]
    fn signs_and_percents_are_told() {
        let number = |text| read(text, Kind::Text, Reading::Unknown).unwrap();
        assert_eq!(number("\u{20ac} 1,50").sign, Some(Sign::Euro));
        assert_eq!(number("\u{a3}1.50").sign, Some(Sign::Pound));
        assert_eq!(number("USD 1.50").sign, Some(Sign::Code(*b"USD")));
        assert!(number("15%").percent);
    }

    proptest! {
        #[test]
        fn a_number_written_in_either_style_is_read_back(units in 0_i64..1_000_000_000, cents in 0_i64..100, negative: bool) {
            let mut whole = units.to_string();
            let mut cut = whole.len();
            while cut > 3 {
                cut -= 3;
                whole.insert(cut, '.');
            }
            let minus = if negative { "-" } else { "" };
            let comma = format!("{minus}{whole},{cents:02}");
            let point = comma.replace('.', "_").replace(',', ".").replace('_', ",");
            let mut expected = Decimal::new(units * 100 + cents, 2).normalize();
            expected.set_sign_negative(negative && !expected.is_zero());
            for text in [comma, point] {
                prop_assert_eq!(read(&text, Kind::Text, Reading::Unknown).unwrap().value, expected, "{}", text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}", number in "[0-9.,' eE+%\u{20ac}-]{0,15}") {
            for text in [text, number] {
                for reading in [Reading::Unknown, Reading::Found(DecimalStyle::Comma), Reading::Given(DecimalStyle::Point)] {
                    let _ = read(text.trim(), Kind::Text, reading);
                }
            }
        }
    }
}
