# When a supplier's price list was last applied as a whole.
from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    last_sync_date = fields.Datetime(
        "Last Complete Price List",
        readonly=True,
        copy=False,
        help="Start of the last import that applied this supplier's whole price list without a single row error.",
    )
