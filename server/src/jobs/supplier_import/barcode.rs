//! Barcodes: what a list may write for one, and whether its check digit fits.

use std::borrow::Cow;

/// Why a text is no barcode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wrong {
    /// It is written with an exponent, so its last digits are lost.
    Scientific,
    /// Its last digit does not fit the others.
    CheckDigit,
    /// It is a number of a length that no barcode has.
    Length(usize),
    /// It has characters that no barcode has.
    Characters,
}

/// Reads a barcode: digits with a right check digit, or letters and digits as they are (Code 128 and the like).
///
/// Blanks and hyphens inside digits are left out.
///
/// # Errors
/// [`Wrong`] says why it is none.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Wrong> {
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits(text) {
        return judge_digits(text).map(|()| text.into());
    }
    if is_scientific(text) {
        return Err(Wrong::Scientific);
    }
    let compact: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let digits = compact.replace('-', "");
    if all_digits(&digits) {
        return judge_digits(&digits).map(|()| digits.into());
    }
    let plain = compact.len() <= 128 && compact.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && compact.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        Ok(compact.into())
    } else {
        Err(Wrong::Characters)
    }
}

fn judge_digits(digits: &str) -> Result<(), Wrong> {
    match digits.len() {
        8 | 12 | 13 | 14 if check_digit_fits(digits) => Ok(()),
        8 | 12 | 13 | 14 => Err(Wrong::CheckDigit),
        length => Err(Wrong::Length(length)),
    }
}

/// `8.71E+12`, as spreadsheets write long numbers.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let Some(exponent) = exponent
        .strip_prefix(['+', '-'])
        .or(Some(exponent).filter(|_| mantissa.contains(['.', ','])))
    else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(exponent) && digits(&mantissa.replacen(['.', ','], "", 1))
}

/// The check digit of EAN, UPC and GTIN: from the right, digits weigh 1 and 3 in turn, and the sum ends in 0.
fn check_digit_fits(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barcodes_are_read_or_refused_with_the_reason() {
        let cases: [(&str, Result<&str, Wrong>); 13] = [
            ("8710398500014", Ok("8710398500014")),
            ("4006381333931", Ok("4006381333931")),
            ("4006381333932", Err(Wrong::CheckDigit)),
            (" 4006381 333931", Ok("4006381333931")),
            ("4-006381-333931", Ok("4006381333931")),
            ("96385074", Ok("96385074")),
            ("036000291452", Ok("036000291452")),
            ("8.71E+12", Err(Wrong::Scientific)),
            ("8,71E+12", Err(Wrong::Scientific)),
            ("871E+10", Err(Wrong::Scientific)),
            ("12345", Err(Wrong::Length(5))),
            ("AB-1200E5", Ok("AB-1200E5")),
            ("caf\u{e9}", Err(Wrong::Characters)),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected.map(Cow::Borrowed), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(body in "[0-9]{12}", place in 0_usize..13, change in 1_u8..10) {
            let check = (0..10).map(|digit| format!("{body}{digit}")).find(|code| check_digit_fits(code)).unwrap();
            let mut digits = check.clone().into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + change) % 10;
            proptest::prop_assert!(read(&check).is_ok());
            let changed = String::from_utf8(digits).unwrap();
            proptest::prop_assert_eq!(read(&changed), Err(Wrong::CheckDigit));
        }
    }
}
