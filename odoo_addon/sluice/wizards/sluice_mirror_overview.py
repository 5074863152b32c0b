# The company at a glance, from its mirror: what the server counts and sums up.
from odoo import api, fields, models

from ..wire import Client
from ..wire.plain import moment


class SluiceMirrorOverview(models.TransientModel):
    _name = "sluice.mirror.overview"
    _description = "Overview From the Mirror"

    as_of = fields.Datetime(readonly=True)
    line_ids = fields.One2many(
        "sluice.mirror.overview.line", "overview_id", "Sums", readonly=True
    )

    @api.depends("as_of")
    def _compute_display_name(self):
        for overview in self:
            overview.display_name = self.env._("Overview")

    @api.model
    def action_open(self):
        """Shows the sums as they are now; raises while the mirror is not filled."""
        self.env["sluice.mirror.model"]._check_manager()
        told = Client(self.env).mirror_overview()
        overview = self.create(
            {
                "as_of": moment(told["as_of"]),
                "line_ids": [
                    (0, 0, self.line_ids._values_of(section))
                    for section in told["sections"]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Overview"),
            "res_model": self._name,
            "res_id": overview.id,
            "views": [(False, "form")],
            "target": "new",
        }
