"""Puts Odoo's refusal of a row into a code and plain words."""

from psycopg2 import IntegrityError

LONGEST = 300


def describe_rejection(env, row, error):
    """(code, message) for a row that Odoo rejected alone; the message holds no
    traceback.
    """
    barcode = row.get("barcode")
    if barcode and _barcode_owner(env, barcode):
        return "barcode_taken", env._(
            "barcode %(barcode)s is taken by %(owner)s",
            barcode=barcode,
            owner=_barcode_owner(env, barcode),
        )
    if isinstance(error, IntegrityError):
        message = env["product.supplierinfo"]._sql_error_to_message(error)
    else:
        message = str(error)
    return "rejected_by_odoo", " ".join(message.split())[:LONGEST] or type(
        error
    ).__name__


def _barcode_owner(env, barcode):
    """Who has a barcode that a new product may not take: a product, or a packaging of
    one.
    """
    for model in ("product.product", "product.uom"):
        owner = (
            env[model]
            .with_context(active_test=False)
            .search([("barcode", "=", barcode)], limit=1)
        )
        if owner:
            product = owner if model == "product.product" else owner.product_id
            return f"{product.display_name} (id {product.id})"
    return None
