# Which browsers hear of which jobs: those of users of Sluice, for the companies that
# they may work for.
from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        channels = super()._build_bus_channel_list(channels)
        if self.env.user.has_group("sluice.group_user"):
            channels.extend(
                (company, "sluice.job") for company in self.env.user.company_ids
            )
        return channels
