# A line of an elevation's parts list. Each figure has its unit beside it.
from odoo import fields, models


class SluiceLogikalLine(models.Model):
    _name = "sluice.logikal.line"
    _description = "Part of a LOGIKAL Elevation"
    _order = "elevation_id, position, id"
    _log_access = False

    elevation_id = fields.Many2one(
        "sluice.logikal.elevation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", related="elevation_id.company_id", store=True
    )
    position = fields.Integer(readonly=True)
    kind = fields.Selection(
        [
            ("glass", "Glass"),
            ("profile", "Profile"),
            ("article", "Article"),
            ("labour", "Labour"),
            ("price", "Price"),
        ],
        required=True,
        readonly=True,
    )
    insertion = fields.Integer("Field", readonly=True)
    code = fields.Char(readonly=True)
    supplier = fields.Char(readonly=True, help="As LOGIKAL spells it.")
    name = fields.Char(readonly=True)
    description = fields.Char(readonly=True)
    color = fields.Char(readonly=True)
    amount = fields.Float(readonly=True, digits=(16, 4))
    amount_unit = fields.Char("Unit", readonly=True)
    width = fields.Float(readonly=True, digits=(16, 4))
    width_unit = fields.Char("Width In", readonly=True)
    height = fields.Float(readonly=True, digits=(16, 4))
    height_unit = fields.Char("Height In", readonly=True)
    piece_length = fields.Float("Length", readonly=True, digits=(16, 4))
    length_unit = fields.Char("Length In", readonly=True)
    weight = fields.Float(readonly=True, digits=(16, 4))
    weight_unit = fields.Char("Weight In", readonly=True)
    minutes = fields.Float(readonly=True, digits=(16, 2))
    price = fields.Float(readonly=True, digits=(16, 4))
    price_gross = fields.Float("Gross Price", readonly=True, digits=(16, 4))
