//! Every code that a row can end with, and what it means. Odoo's own codes are listed with ours: a reader sees one list.

/// Row errors, each with its meaning for people.
pub const ROW_ERRORS: &[(&str, &str)] = &[
    // Found in the file.
    (
        "encoding_invalid",
        "the row's text is not in the file's encoding",
    ),
    (
        "row_too_long",
        "the row or one of its cells is larger than a list's may be",
    ),
    (
        "quote_unclosed",
        "a quote is opened in this row and never closed; the row ends with the line in which it is opened",
    ),
    (
        "row_too_narrow",
        "the row has fewer fields than the list needs",
    ),
    ("row_too_wide", "the row has more fields than the header"),
    ("cell_error", "the cell holds the error of a formula"),
    (
        "text_invalid",
        "the text is too long or has control characters",
    ),
    ("key_missing", "nothing in the row names a product"),
    (
        "barcode_invalid",
        "the barcode has a length or characters that no barcode has",
    ),
    (
        "barcode_check_digit",
        "the barcode's last digit does not fit the others",
    ),
    (
        "barcode_scientific",
        "the barcode was turned into a rounded number by a spreadsheet",
    ),
    ("price_missing", "the row has no price"),
    ("price_negative", "the price is below zero"),
    ("number_unreadable", "the cell is not a number"),
    (
        "number_ambiguous",
        "the number could be a thousand or a little more than one, or a part of a percent or of the whole",
    ),
    (
        "number_scientific",
        "the number is written with an exponent",
    ),
    (
        "number_out_of_range",
        "the number is larger or smaller than it can be",
    ),
    (
        "currency_invalid",
        "the currency is not a code of three letters",
    ),
    (
        "currency_conflict",
        "the sign beside the price is of another currency",
    ),
    ("date_unreadable", "the cell is not a date"),
    ("dates_reversed", "the last day lies before the first"),
    ("flag_unreadable", "the cell is neither yes nor no"),
    ("duplicate_line", "an earlier row names the same price line"),
    // Found by Odoo.
    ("product_not_found", "no product has this barcode or code"),
    ("product_ambiguous", "several products have this code"),
    ("unknown_currency", "Odoo does not have this currency"),
    ("unknown_uom", "Odoo does not have this unit of measure"),
    (
        "barcode_taken",
        "another product or packaging has this barcode",
    ),
    ("company_mismatch", "the product belongs to another company"),
    ("rejected_by_odoo", "Odoo refuses the row"),
];

/// Why rows are left out, each with its meaning for people.
pub const SKIP_REASONS: &[(&str, &str)] = &[
    ("below_min_stock", "less stock than asked for"),
    ("below_min_price", "a lower price than asked for"),
    ("discontinued", "no longer made"),
    ("blocked_brand", "a brand that is left out"),
    ("unknown_product", "a product that Odoo does not know"),
];

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique_lower_snake_words() {
        let mut codes: Vec<&str> = super::ROW_ERRORS
            .iter()
            .chain(super::SKIP_REASONS)
            .map(|(code, _)| *code)
            .collect();
        assert!(codes.iter().all(|code| {
            code.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        }));
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
