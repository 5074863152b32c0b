//! What the digits and separators of a number tell about its decimal style.

use super::numbers::{DecimalStyle, Evidence, Unreadable};

/// How digits and separators follow each other.
pub(super) fn evidence(text: &str) -> Result<Evidence, Unreadable> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(Unreadable::NotANumber);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Evidence::None);
    }
    let mut commas = 0_u32;
    let mut points = 0_u32;
    let mut last = None;
    // Lengths: of the run of digits before the first separator, and of the present run.
    let mut first_run = 0_usize;
    let mut run = 0_usize;
    let mut groups_fit = true;
    let mut separators = 0_u32;
    let mut blank_groups = false;
    for letter in text.chars() {
        match letter {
            '0'..='9' => run += 1,
            ',' | '.' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}' => {
                if separators == 0 {
                    first_run = run;
                } else {
                    groups_fit &= run == 3;
                }
                if last == Some(',') && commas > 0 && letter == '.' && points > 0
                    || last == Some('.') && points > 0 && letter == ',' && commas > 0
                {
                    return Err(Unreadable::NotANumber);
                }
                match letter {
                    ',' => commas += 1,
                    '.' => points += 1,
                    // A blank after the decimal separator is no thousand.
                    _ if commas + points > 0 => return Err(Unreadable::NotANumber),
                    _ => blank_groups = true,
                }
                separators += 1;
                last = Some(letter);
                run = 0;
            }
            'e' | 'E' if separators <= 1 && run + first_run > 0 => {
                let exponent = text
                    .rsplit(['e', 'E'])
                    .next()
                    .unwrap_or("")
                    .trim_start_matches(['+', '-']);
                let scientific =
                    !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit());
                return Err(if scientific {
                    Unreadable::Scientific
                } else {
                    Unreadable::NotANumber
                });
            }
            _ => return Err(Unreadable::NotANumber),
        }
    }
    let leading_groups_fit = groups_fit && (1..=3).contains(&first_run);
    let evidence = match (commas, points) {
        (0, 0) if !blank_groups || leading_groups_fit && run == 3 => Evidence::None,
        (1, 0) | (0, 1) => {
            let style = if commas == 1 {
                DecimalStyle::Comma
            } else {
                DecimalStyle::Point
            };
            let leading_zero = text.starts_with('0');
            if blank_groups {
                if !leading_groups_fit {
                    return Err(Unreadable::NotANumber);
                }
                Evidence::Of(style)
            } else if run == 3 && (1..=3).contains(&first_run) && !leading_zero {
                Evidence::Ambiguous
            } else {
                Evidence::Of(style)
            }
        }
        // "1.234,56": the one that comes last and once is the decimal one.
        (1, 1..) if last == Some(',') && leading_groups_fit => Evidence::Of(DecimalStyle::Comma),
        (1.., 1) if last == Some('.') && leading_groups_fit => Evidence::Of(DecimalStyle::Point),
        // "1.234.567": thousands only.
        (0, 2..) if leading_groups_fit && run == 3 => Evidence::Of(DecimalStyle::Comma),
        (2.., 0) if leading_groups_fit && run == 3 => Evidence::Of(DecimalStyle::Point),
        _ => return Err(Unreadable::NotANumber),
    };
    Ok(evidence)
}
