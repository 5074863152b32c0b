# The words that the server uses for columns, policies and errors, each with the words
# that people read.

LIST_FIELDS = [
    ("barcode", "Barcode (EAN)"),
    ("default_code", "Internal reference"),
    ("product_code", "Supplier's article number"),
    ("product_name", "Supplier's product name"),
    ("price", "Purchase price (without tax)"),
    ("discount", "Discount (%)"),
    ("min_qty", "Minimum quantity"),
    ("delay", "Delivery time (days)"),
    ("currency", "Currency"),
    ("uom", "Unit of measure"),
    ("date_start", "Valid from"),
    ("date_end", "Valid until"),
    ("stock", "Supplier's stock"),
    ("brand", "Brand"),
    ("discontinued", "Discontinued"),
    ("weight", "Weight (kg)"),
]

FILE_FORMATS = [
    ("csv", "Text (CSV)"),
    ("xlsx", "Excel (XLSX)"),
    ("xls", "Excel before 2007 (XLS)"),
    ("ods", "OpenDocument (ODS)"),
]

DELIMITERS = [
    ("semicolon", "Semicolon ;"),
    ("comma", "Comma ,"),
    ("tab", "Tab"),
    ("pipe", "Pipe |"),
]

DELIMITER_CHARACTERS = {"semicolon": ";", "comma": ",", "tab": "\t", "pipe": "|"}

ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("windows-1252", "Windows-1252 (Western European)"),
    ("utf-16le", "UTF-16 little endian"),
    ("utf-16be", "UTF-16 big endian"),
]

DECIMAL_STYLES = [
    ("comma", "1.234,56"),
    ("point", "1,234.56"),
]

# Each way to look a product up, as the server's words joined by a plus.
MATCH_ORDERS = [
    (
        "barcode+default_code+product_code",
        "Barcode, internal reference, article number",
    ),
    (
        "product_code+barcode+default_code",
        "Article number, barcode, internal reference",
    ),
    (
        "default_code+barcode+product_code",
        "Internal reference, barcode, article number",
    ),
    ("barcode", "Barcode only"),
    ("default_code", "Internal reference only"),
    ("product_code", "Supplier's article number only"),
]

UNKNOWN_PRODUCTS = [
    ("error", "Report the row as failed"),
    ("create", "Create the product"),
    ("skip", "Leave the row out"),
]

SWEEP_POLICIES = [
    ("keep", "Keep them as they are"),
    ("end_date", "End them yesterday"),
    ("delete", "Delete them"),
]

ROW_ERRORS = [
    ("product_not_found", "Product not found"),
    ("product_ambiguous", "Several products fit"),
    ("key_missing", "No barcode or code"),
    ("barcode_invalid", "Not a barcode"),
    ("barcode_check_digit", "Barcode's check digit is wrong"),
    ("barcode_scientific", "Barcode rounded by a spreadsheet"),
    ("barcode_taken", "Barcode in use elsewhere"),
    ("price_missing", "Price missing"),
    ("price_negative", "Price below zero"),
    ("number_unreadable", "Not a number"),
    ("number_ambiguous", "Number can be read in two ways"),
    ("number_scientific", "Number with an exponent"),
    ("number_out_of_range", "Number out of range"),
    ("currency_invalid", "Not a currency code"),
    ("currency_conflict", "Two currencies in one row"),
    ("unknown_currency", "Currency not active in Odoo"),
    ("unknown_uom", "Unit of measure unknown"),
    ("date_unreadable", "Not a date"),
    ("dates_reversed", "Ends before it begins"),
    ("flag_unreadable", "Neither yes nor no"),
    ("duplicate_line", "Same price line twice"),
    ("company_mismatch", "Product of another company"),
    ("rejected_by_odoo", "Refused by Odoo"),
    ("encoding_invalid", "Text not in the file's encoding"),
    ("text_invalid", "Text too long or unreadable"),
    ("row_too_long", "Row too large"),
    ("row_too_narrow", "Too few fields"),
    ("row_too_wide", "Too many fields"),
    ("quote_unclosed", "Quote never closed"),
    ("cell_error", "Formula error in a cell"),
    ("other", "Other"),
]


def to_wire(prefix, word):
    """The contract's name of an enum value: to_wire("LIST_FIELD", "price") is
    LIST_FIELD_PRICE.
    """
    return f"{prefix}_{word or 'unspecified'}".upper()


def from_wire(prefix, name):
    """Our word for a value of the contract; False where it says nothing."""
    word = (name or "").removeprefix(f"{prefix}_").lower()
    return False if word in ("", "unspecified") else word
