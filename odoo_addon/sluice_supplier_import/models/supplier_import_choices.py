# What may be chosen about an import, whoever starts it: how products are found, which
# rows count, what becomes of the rest.
from odoo import fields, models

from ..vocabulary import MATCH_ORDERS, SWEEP_POLICIES, UNKNOWN_PRODUCTS, to_wire


class SupplierImportChoices(models.AbstractModel):
    _name = "supplier.import.choices"
    _description = "Choices About a Price List"

    match_order = fields.Selection(
        MATCH_ORDERS,
        "Find products by",
        default=MATCH_ORDERS[0][0],
        required=True,
        help=(
            "The first that finds a product counts; the article number is the "
            "supplier's own. Archived products are found too."
        ),
    )
    unknown_product = fields.Selection(
        UNKNOWN_PRODUCTS,
        "Unknown products",
        default="error",
        required=True,
        help="What to do with rows whose product is not in Odoo.",
    )
    reactivate = fields.Boolean(
        "Reactivate archived products",
        help="Make an archived product active again when the list names it.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        help="For rows that name none; empty means the company's currency.",
    )
    min_stock = fields.Float(
        "Only with stock of at least",
        help="Leave out rows with less stock; 0 leaves none out.",
    )
    min_price = fields.Float(
        "Only with a price of at least",
        help="Leave out rows with a lower price; 0 leaves none out.",
    )
    skip_discontinued = fields.Boolean("Leave out discontinued products")
    blocked_brands = fields.Char(
        "Leave out these brands", help="Names of brands, with commas in between."
    )
    allowed_barcodes = fields.Char(
        "But keep these barcodes",
        help="Barcodes of these brands to import all the same, with commas in between.",
    )
    sweep = fields.Selection(
        SWEEP_POLICIES,
        "Lines that the list no longer names",
        default="keep",
        required=True,
        help="Only done after the whole list was imported without a failed row.",
    )
    sweep_max_percent = fields.Integer(
        "At most (%)",
        default=20,
        help=(
            "If more than this share of the supplier's price lines would be touched, "
            "none is."
        ),
    )

    def _choices(self):
        """The choices as the server reads them."""
        self.ensure_one()
        return {
            "match": [to_wire("MATCH_BY", way) for way in self.match_order.split("+")],
            "unknown_product": to_wire("UNKNOWN_PRODUCT", self.unknown_product),
            "reactivate": self.reactivate,
            "currency": self.currency_id.name or "",
            "filter": self._filter(),
            "sweep": to_wire("SWEEP_POLICY", self.sweep),
            "sweep_max_percent": self.sweep_max_percent,
        }

    def _filter(self):
        return {
            "min_stock": _decimal(self.min_stock),
            "min_price": _decimal(self.min_price),
            "skip_discontinued": self.skip_discontinued,
            "blocked_brands": _names(self.blocked_brands),
            "allowed_barcodes": _names(self.allowed_barcodes),
        }

    def _chosen(self):
        """The choices as values for another record that has them."""
        self.ensure_one()
        names = self.env["supplier.import.choices"]._fields
        return {
            name: self[name].id if field.relational else self[name]
            for name, field in names.items()
            if field.store and name not in models.MAGIC_COLUMNS
        }


def _decimal(number):
    return format(number, "f").rstrip("0").rstrip(".") if number else ""


def _names(text):
    return [name.strip() for name in (text or "").split(",") if name.strip()]
