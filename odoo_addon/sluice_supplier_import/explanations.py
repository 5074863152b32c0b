# Why a row failed and what is unclear about a column, in the reader's language.
from odoo.addons.sluice.words import quoted, reads_english, sentence


def explained(env, code, told):
    """The server's sentence for readers of English; for others the code's own, with the
    value that the sentence is about.
    """
    words = None if reads_english(env) else _words(env).get(code)
    if not words:
        return sentence(told)
    value = quoted(told)
    return (
        env._("%(explanation)s: %(value)s", explanation=words, value=value)
        if value
        else sentence(words)
    )


def reasons(env):
    """What each error code means, for a reader whose language the server does not
    speak; empty for readers of English.
    """
    return {} if reads_english(env) else _words(env)


def asked(env, code, question):
    """What the server asks about a column, in the reader's language."""
    if not question or reads_english(env):
        return sentence(question)
    name = quoted(question)
    words = {
        "price_tax_unclear": env._(
            "Is this the purchase price without tax? The name does not say so."
        ),
        "price_with_tax": env._(
            "This price seems to include tax; a purchase price is without tax."
        ),
        "price_for_sale": env._(
            "This seems to be a sales price; choose it only if it is what you pay."
        ),
        "columns_alike": env._(
            "Several columns could have this meaning: choose the one that is meant."
        ),
        "column_taken": env._(
            "'%(column)s' has this meaning already; is this the right one?", column=name
        ),
    }
    return words.get(code) or sentence(question)


def _words(env):
    return {
        "product_not_found": env._("no product has this barcode or code"),
        "product_ambiguous": env._("several products have this code"),
        "key_missing": env._("nothing in the row names a product"),
        "barcode_invalid": env._(
            "the barcode has a length or characters that no barcode has"
        ),
        "barcode_check_digit": env._(
            "the barcode's last digit does not fit the others"
        ),
        "barcode_scientific": env._(
            "a spreadsheet turned the barcode into a rounded number"
        ),
        "barcode_taken": env._("another product or packaging has this barcode"),
        "price_missing": env._("the row has no price"),
        "price_negative": env._("the price is below zero"),
        "number_unreadable": env._("the cell is not a number"),
        "number_ambiguous": env._("the number can be read in two ways"),
        "number_scientific": env._("the number is written with an exponent"),
        "number_out_of_range": env._("the number is larger or smaller than it can be"),
        "currency_invalid": env._("the currency is not a code of three letters"),
        "currency_conflict": env._("the sign beside the price is of another currency"),
        "unknown_currency": env._("Odoo does not have this currency"),
        "unknown_uom": env._("Odoo does not have this unit of measure"),
        "date_unreadable": env._("the cell is not a date"),
        "dates_reversed": env._("the last day lies before the first"),
        "flag_unreadable": env._("the cell is neither yes nor no"),
        "duplicate_line": env._("an earlier row names the same price line"),
        "company_mismatch": env._("the product belongs to another company"),
        "encoding_invalid": env._("the row's text is not in the file's encoding"),
        "text_invalid": env._("the text is too long or has control characters"),
        "row_too_long": env._(
            "the row or one of its cells is larger than a list's may be"
        ),
        "row_too_narrow": env._("the row has fewer fields than the list needs"),
        "row_too_wide": env._("the row has more fields than the header"),
        "quote_unclosed": env._("a quote is opened in this row and never closed"),
        "cell_error": env._("the cell holds the error of a formula"),
    }
