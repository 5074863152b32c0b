# Jobs that look which projects LOGIKAL has: what they saw is taken over when they end.
from odoo import models

from odoo.addons.sluice.wire import Client


class SluiceJob(models.Model):
    _inherit = "sluice.job"

    def _tell_record(self):
        told = super()._tell_record()
        if self.kind == "project_listing" and self.state == "succeeded":
            projects = self.env["sluice.logikal.project"]
            if self.company_id:
                projects = projects.with_company(self.company_id)
            projects._take_listing(Client(self.env).projects())
        return told
