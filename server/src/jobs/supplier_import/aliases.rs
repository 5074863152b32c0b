//! The names that suppliers give to columns, in English and Dutch, and what they mean.

use super::{alias_names::NAMES, fields::Field};

/// What a column's name means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// It can be taken for this field.
    Sure(Field),
    /// It has to do with prices, but a person has to say whether it is the purchase price.
    Ask(Ask),
    /// Nothing that is known.
    Unknown,
}

/// A question about a price, with the word by which screens know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ask {
    pub(super) code: &'static str,
    pub(super) question: &'static str,
}

const UNCLEAR_TAX: Ask = Ask {
    code: "price_tax_unclear",
    question: "is this the purchase price without tax? The name does not say so",
};
const WITH_TAX: Ask = Ask {
    code: "price_with_tax",
    question: "this price seems to include tax; a purchase price is without tax",
};
const SALES_PRICE: Ask = Ask {
    code: "price_for_sale",
    question: "this seems to be a sales price; map it only if it is what you pay",
};

/// Tells what a column's name means, whatever its case, blanks and accents.
pub(super) fn meaning(header: &str) -> Meaning {
    let name = normalized(header);
    if name.is_empty() {
        return Meaning::Unknown;
    }
    if name.contains("prijs") || name.contains("price") {
        if [
            "inclbtw",
            "inclusief",
            "incltax",
            "inclvat",
            "includingtax",
            "includingvat",
            "prijsincl",
            "priceincl",
            "brutoincl",
        ]
        .iter()
        .any(|word| name.contains(word))
        {
            return Meaning::Ask(WITH_TAX);
        }
        if [
            "advies",
            "verkoop",
            "consumenten",
            "retail",
            "sales",
            "rrp",
            "msrp",
            "list",
        ]
        .iter()
        .any(|word| name.contains(word))
        {
            return Meaning::Ask(SALES_PRICE);
        }
    }
    if matches!(
        name.as_str(),
        "prijs" | "prijzen" | "bedrag" | "tarief" | "amount" | "brutoprijs" | "grossprice"
    ) {
        return Meaning::Ask(UNCLEAR_TAX);
    }
    let known = NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()));
    known.map_or(Meaning::Unknown, |(field, _)| Meaning::Sure(*field))
}

/// Lower case, letters and digits only, without accents.
fn normalized(header: &str) -> String {
    header
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|letter| match letter {
            '\u{e0}'..='\u{e5}' => Some('a'),
            '\u{e8}'..='\u{eb}' => Some('e'),
            '\u{ec}'..='\u{ef}' => Some('i'),
            '\u{f2}'..='\u{f6}' => Some('o'),
            '\u{f9}'..='\u{fc}' => Some('u'),
            '\u{e7}' => Some('c'),
            letter => letter.is_alphanumeric().then_some(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_both_languages_are_understood_and_unclear_prices_are_asked() {
        let sure = [
            ("EAN_code", Field::Barcode),
            ("Fabrikantscode", Field::DefaultCode),
            ("Art. nr. lev.", Field::ProductCode),
            ("Omschrijving", Field::ProductName),
            ("Inkoopprijs excl. BTW", Field::Price),
            ("Unit price", Field::Price),
            ("Voorraad", Field::Stock),
            ("MOQ", Field::MinQty),
            ("Levertijd (dagen)", Field::Delay),
            ("Gewicht", Field::Weight),
            ("Korting %", Field::Discount),
            ("Merk", Field::Brand),
        ];
        for (header, field) in sure {
            assert_eq!(meaning(header), Meaning::Sure(field), "{header}");
        }
        assert_eq!(meaning("Prijs"), Meaning::Ask(UNCLEAR_TAX));
        assert_eq!(meaning("Prijs_incl_heffingen"), Meaning::Ask(WITH_TAX));
        assert_eq!(meaning("Price incl. VAT"), Meaning::Ask(WITH_TAX));
        assert_eq!(meaning("Adviesprijs"), Meaning::Ask(SALES_PRICE));
        assert_eq!(meaning("UNSPSC"), Meaning::Unknown);
    }

    #[test]
    fn every_name_stands_for_one_field_and_is_written_as_it_is_looked_up() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, names) in NAMES {
            for name in names {
                assert_eq!(*name, normalized(name));
                assert!(seen.insert(name), "{name} stands for two fields");
            }
        }
    }
}
