# What the service lacks to import price lists.
from odoo import api, models


class SluiceApi(models.AbstractModel):
    _inherit = "sluice.api"

    @api.model
    def _missing_rights(self):
        missing = super()._missing_rights()
        if not self.env.user.company_id.active:
            missing.append(
                self.env._(
                    "The company of %(user)s is archived.", user=self.env.user.login
                )
            )
        return missing
