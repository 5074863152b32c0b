# A line of a quotation that stands for an elevation, or a section for a phase.
from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    logikal_phase_id = fields.Many2one(
        "sluice.logikal.phase",
        "LOGIKAL Phase",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    logikal_elevation_id = fields.Many2one(
        "sluice.logikal.elevation",
        "LOGIKAL Elevation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
