# Imports that a schedule or the command line began get their place in the history as
# well.
from odoo import api, models

from odoo.addons.sluice.wire.errors import ServerError


class SluiceRelay(models.AbstractModel):
    _inherit = "sluice.relay"

    @api.model
    def _begun_elsewhere(self, client, told):
        if told["kind"] == "supplier_import":
            try:
                record = self.env["supplier.import"]._begun_elsewhere(
                    client.asked_import(told["id"]), self._screen_values(told)
                )
            except ServerError as error:
                # An older server does not tell; an absent one is asked again with the
                # next relay.
                if error.is_away:
                    raise
                record = None
            if record:
                return record.job_id
        return super()._begun_elsewhere(client, told)
