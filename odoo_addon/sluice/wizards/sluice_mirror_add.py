# One more model to mirror, as a manager chooses it.
from odoo import api, fields, models

from ..wire import Client
from ..words_of_mirror import EVERY_5_MINUTES, REFRESHES


class SluiceMirrorAdd(models.TransientModel):
    _name = "sluice.mirror.add"
    _description = "Mirror a Model"

    model_id = fields.Many2one(
        "ir.model",
        required=True,
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    cron = fields.Selection(
        REFRESHES,
        "Read Changes",
        default=EVERY_5_MINUTES,
        help="Empty means only when somebody asks.",
    )
    offer = fields.Boolean(
        "Force Sync in Its Lists",
        default=True,
        help="Puts Force Sync among the actions of the model's lists and forms.",
    )

    @api.depends("model_id")
    def _compute_display_name(self):
        for window in self:
            window.display_name = window.model_id.name or self.env._("Mirror a Model")

    def action_add(self):
        """Has the server mirror the model, and shows how it is read the first time."""
        self.ensure_one()
        mirrors = self.env["sluice.mirror.model"]
        mirrors._check_administrator()
        client = Client(self.env)
        model = self.model_id.sudo().model
        configured = {"model": model, "cron": self.cron or ""}
        if self.cron:
            configured["time_zone"] = self.env.user.tz or "UTC"
        client.configure_mirror([configured])
        mirrors._refresh(client)
        mirrored = mirrors.search([("model", "=", model)])
        if self.offer:
            mirrored.action_offer()
        return mirrored.action_sync()
