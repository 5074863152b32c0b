# A window, door or facade of a LOGIKAL project.
from odoo import api, fields, models

from ..words import missing


class SluiceLogikalElevation(models.Model):
    _name = "sluice.logikal.elevation"
    _description = "LOGIKAL Elevation"
    _order = "phase_id, position, id"

    name = fields.Char(required=True, readonly=True)
    guid = fields.Char("Key in LOGIKAL", required=True, readonly=True, index=True)
    phase_id = fields.Many2one(
        "sluice.logikal.phase",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    project_id = fields.Many2one(
        "sluice.logikal.project",
        related="phase_id.project_id",
        store=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", related="phase_id.company_id", store=True
    )
    position = fields.Integer(readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    image = fields.Image("Picture", max_width=600, max_height=600, readonly=True)
    amount = fields.Float("Pieces", readonly=True, digits=(16, 2))
    width_mm = fields.Float("Width (mm)", readonly=True, digits=(16, 1))
    height_mm = fields.Float("Height (mm)", readonly=True, digits=(16, 1))
    area_m2 = fields.Float("Area (m²)", readonly=True, digits=(16, 3))
    weight_kg = fields.Float("Weight (kg)", readonly=True, digits=(16, 2))
    system = fields.Char(readonly=True)
    color_inside = fields.Char(readonly=True)
    color_outside = fields.Char(readonly=True)
    description = fields.Text(readonly=True)
    kind = fields.Char(readonly=True, help="LOGIKAL's word for it.")
    is_recycled = fields.Boolean(
        "Recycled", readonly=True, help="It lies in LOGIKAL's recycle bin."
    )
    currency_id = fields.Many2one(related="project_id.currency_id")
    unit_price = fields.Monetary("Price of One", readonly=True)
    net_unit_price = fields.Monetary("Net Price of One", readonly=True)
    total_price = fields.Monetary("Price of All", readonly=True)
    changed_at = fields.Datetime("Changed in LOGIKAL", readonly=True)
    state = fields.Selection(
        [("fetched", "Fetched"), ("failed", "Incomplete")],
        default="fetched",
        required=True,
        readonly=True,
    )
    failures = fields.Json(readonly=True, help="Part, code and message of each.")
    failure = fields.Text(
        "What Is Missing",
        compute="_compute_failure",
        help="Why something of it could not be had.",
    )
    line_ids = fields.One2many("sluice.logikal.line", "elevation_id", readonly=True)
    glass_ids = fields.One2many(
        "sluice.logikal.line",
        "elevation_id",
        readonly=True,
        domain=[("kind", "=", "glass")],
    )
    part_ids = fields.One2many(
        "sluice.logikal.line",
        "elevation_id",
        "Other Parts",
        readonly=True,
        domain=[("kind", "!=", "glass")],
    )
    size = fields.Char("Size (mm)", compute="_compute_size")

    _guid_unique = models.Constraint(
        "UNIQUE (phase_id, guid)", "An elevation is in its phase once."
    )

    @api.depends("failures")
    @api.depends_context("lang")
    def _compute_failure(self):
        for elevation in self:
            elevation.failure = missing(self.env, elevation.failures or [])

    @api.depends("width_mm", "height_mm")
    def _compute_size(self):
        for elevation in self:
            elevation.size = f"{elevation.width_mm:g} × {elevation.height_mm:g}"

    def _quoted_as(self):
        """What a quotation says of it."""
        self.ensure_one()
        head = f"{self.name}: {self.size} mm"
        return "\n".join(part for part in (head, self.system, self.description) if part)
