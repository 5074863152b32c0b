# What an import keeps on a supplier's price line.
from odoo import api, fields, models


class ProductSupplierinfo(models.Model):
    _inherit = "product.supplierinfo"

    last_sync_date = fields.Datetime(
        "Last Sync",
        readonly=True,
        copy=False,
        help="When a price list last named this line, whether or not anything changed.",
    )
    previous_price = fields.Float(
        readonly=True,
        copy=False,
        min_display_digits="Product Price",
        help="Price before an import last changed it.",
    )
    price_change_pct = fields.Float(
        "Price Change (%)",
        compute="_compute_price_change_pct",
        help=(
            "Change from the previous price to the price, in percent; 0 without a "
            "previous price."
        ),
    )
    supplier_stock = fields.Float(
        readonly=True,
        copy=False,
        help="Stock of the supplier as its last price list gave it.",
    )

    def init(self):
        done = super().init()
        # Each import stamps each line it names. Room on the page lets Postgres put the
        # new version of a row beside the old one and leave the indexes alone.
        self.env.cr.execute("ALTER TABLE product_supplierinfo SET (fillfactor = 70)")
        return done

    @api.depends("price", "previous_price")
    def _compute_price_change_pct(self):
        for line in self:
            before = line.previous_price
            line.price_change_pct = (
                (line.price - before) / before * 100 if before else 0.0
            )
