# A part of a LOGIKAL project.
from odoo import fields, models


class SluiceLogikalPhase(models.Model):
    _name = "sluice.logikal.phase"
    _description = "LOGIKAL Phase"
    _order = "project_id, position, id"

    name = fields.Char(required=True, readonly=True)
    guid = fields.Char(
        "Key in LOGIKAL",
        required=True,
        readonly=True,
        help="Each project's default phase has the same one.",
    )
    description = fields.Char(readonly=True)
    position = fields.Integer(readonly=True)
    project_id = fields.Many2one(
        "sluice.logikal.project",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", related="project_id.company_id", store=True
    )
    elevation_ids = fields.One2many(
        "sluice.logikal.elevation", "phase_id", readonly=True
    )
    active = fields.Boolean(default=True, readonly=True)

    _guid_unique = models.Constraint(
        "UNIQUE (project_id, guid)", "A phase is in its project once."
    )
