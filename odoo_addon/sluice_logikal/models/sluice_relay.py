# Jobs that fetch projects belong to their project and its company.
from odoo import api, models


class SluiceRelay(models.AbstractModel):
    _inherit = "sluice.relay"

    @api.model
    def _begun_elsewhere(self, client, told):
        job = super()._begun_elsewhere(client, told)
        values = self.env["sluice.logikal.project"]._screen_values_of(told)
        if values:
            job.write(values)
            project = self.env["sluice.logikal.project"].browse(values.get("res_id"))
            project.exists().job_id = job
        return job
