//! Numbers as they stand in parts lists: real ones, and texts with a comma or a point.

use rust_decimal::Decimal;

use super::file::Cell;

/// What a cell holds where a number is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Number(Decimal),
    /// Nothing.
    Absent,
    /// Something that is no number.
    Unreadable,
}

/// Reads a cell.
pub(super) fn number(cell: &Cell) -> Read {
    let read = match cell {
        Cell::Null => return Read::Absent,
        Cell::Integer(integer) => Some(Decimal::from(*integer)),
        Cell::Real(real) => Decimal::try_from(*real).ok(),
        Cell::Text(text) if text.trim().is_empty() => return Read::Absent,
        Cell::Text(text) => of_text(text),
    };
    read.map_or(Read::Unreadable, |number| Read::Number(number.normalize()))
}

/// The last of comma and point is the decimal sign; one that stands several times groups thousands.
fn of_text(text: &str) -> Option<Decimal> {
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '\'')
        .collect();
    let grouping = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) if comma > point => Some('.'),
        (Some(_), Some(_)) => Some(','),
        (Some(_), None) => (text.matches(',').count() > 1).then_some(','),
        (None, Some(_)) => (text.matches('.').count() > 1).then_some('.'),
        (None, None) => None,
    };
    let plain: String = text
        .chars()
        .filter(|letter| Some(*letter) != grouping)
        .map(|letter| if letter == ',' { '.' } else { letter })
        .collect();
    plain
        .parse()
        .or_else(|_| Decimal::from_scientific(&plain))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_points_are_read_as_people_mean_them() {
        for (text, expected) in [
            ("1,5", "1.5"),
            ("1.5", "1.5"),
            ("1.234,50", "1234.5"),
            ("1,234.50", "1234.5"),
            ("1.234.567", "1234567"),
            (" 12 345,6 ", "12345.6"),
            ("-0,25", "-0.25"),
            ("1e3", "1000"),
        ] {
            let read = number(&Cell::Text(text.to_owned()));
            assert_eq!(read, Read::Number(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_never_zero() {
        for text in ["n/a", "1,2,3.4.5", "12 mm", "-"] {
            assert_eq!(
                number(&Cell::Text(text.to_owned())),
                Read::Unreadable,
                "{text}"
            );
        }
        assert_eq!(number(&Cell::Real(f64::INFINITY)), Read::Unreadable);
        assert_eq!(number(&Cell::Text("  ".to_owned())), Read::Absent);
        assert_eq!(number(&Cell::Null), Read::Absent);
    }
}
