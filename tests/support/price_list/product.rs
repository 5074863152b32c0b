//! The products of a list, made from their number alone.

use super::mix;

/// What one product is called, in Odoo and in the list.
#[derive(Clone, Debug)]
pub struct Product {
    pub index: usize,
    /// EAN-13; some products have none and are found by their code.
    pub barcode: Option<String>,
    /// Odoo's internal reference.
    pub code: String,
    /// The supplier's own article number.
    pub product_code: String,
    pub brand: &'static str,
    /// The supplier's name of it, in Dutch.
    pub name_dutch: String,
    pub name_english: String,
    /// Archived in Odoo; lists name such products too.
    pub archived: bool,
}

/// Dutch and English names; some hold what a reader of CSV may trip over.
const NAMES: &[(&str, &str)] = &[
    ("Scharnier verzinkt", "Hinge, galvanised"),
    ("Deurkruk geborsteld", "Door handle, brushed"),
    ("Raamuitzetter", "Casement stay"),
    ("Cilinderslot 3\" lang", "Cylinder lock, 3\" long"),
    ("Tochtprofiel; zelfklevend", "Draught strip; self-adhesive"),
    ("Glaslat één zijde", "Glazing bead, one side"),
    ("Kozijnanker geïsoleerd", "Frame anchor, insulated"),
    ("Ventilatierooster € actie", "Ventilation grille, on offer"),
    ("Sluitplaat\nmet schroeven", "Strike plate\nwith screws"),
    ("Schroef 'verzonken kop'", "Screw, countersunk"),
];

const BRANDS: &[&str] = &[
    "Alco",
    "Borgo",
    "Citadel",
    "Dorma's Best",
    "Élan",
    "Fenster & Co",
];

/// The quantities from which a product has prices.
pub(super) fn tiers(index: usize) -> &'static [u32] {
    match index % 40 {
        3 => &[1, 10],
        11 => &[1, 10, 100],
        _ => &[1],
    }
}

impl Product {
    pub(super) fn of(series: u16, index: usize) -> Self {
        let number = mix(u64::from(series) << 32 | index as u64);
        let (dutch, english) = NAMES[index % NAMES.len()];
        let millimetres = 10 + number % 990;
        Self {
            index,
            barcode: (index % 23 != 7).then(|| ean13(&format!("87{series:03}{index:07}"))),
            code: format!("SL{series:03}-{index:06}"),
            product_code: format!("{:04}.{series:03}.{index:06}", number % 10_000),
            brand: BRANDS[index % BRANDS.len()],
            name_dutch: format!("{dutch} {millimetres} mm"),
            name_english: format!("{english} {millimetres} mm"),
            archived: index % 97 == 5,
        }
    }

    /// Another product that has the same code and no barcode.
    pub(super) fn twin(&self) -> Self {
        Self {
            barcode: None,
            name_english: format!("{} (twin)", self.name_english),
            archived: false,
            ..self.clone()
        }
    }
}

/// A barcode whose last digit is one too high.
pub(super) fn barcode_with_a_wrong_digit(index: usize) -> String {
    let mut barcode = ean13(&format!("88{index:010}"));
    let digit = barcode
        .pop()
        .and_then(|digit| digit.to_digit(10))
        .unwrap_or(0);
    format!("{barcode}{}", (digit + 1) % 10)
}

/// Twelve digits with their check digit.
fn ean13(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barcode_ends_in_its_check_digit() {
        assert_eq!(ean13("400638133393"), "4006381333931");
    }
}
