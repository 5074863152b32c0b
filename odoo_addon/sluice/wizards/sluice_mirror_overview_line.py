# One line of the overview: a model's count and its amounts.
from odoo import api, fields, models


class SluiceMirrorOverviewLine(models.TransientModel):
    _name = "sluice.mirror.overview.line"
    _description = "Sum of a Mirrored Model"
    _order = "id"

    overview_id = fields.Many2one(
        "sluice.mirror.overview", required=True, ondelete="cascade", index=True
    )
    section = fields.Selection(
        [
            ("contacts", "Contacts"),
            ("sales", "Confirmed orders"),
            ("invoices", "Posted customer invoices"),
            ("employees", "Employees"),
        ],
        readonly=True,
    )
    row_count = fields.Integer("Number", readonly=True)
    totals = fields.Char("With Tax", readonly=True)

    @api.model
    def _values_of(self, section):
        """What to store of a section as the server tells it."""
        known = dict(self._fields["section"].selection)
        return {
            "section": section["name"] if section["name"] in known else False,
            "row_count": section["count"],
            "totals": "  ·  ".join(self._amount(total) for total in section["totals"]),
        }

    @api.model
    def _amount(self, total):
        currency = self.env["res.currency"].browse(total["currency_id"]).exists()
        amount = float(total["amount"])
        return currency.format(amount) if currency else str(total["amount"])
