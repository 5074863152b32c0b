# A new company is one that the server's user may work for as well.
from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # Only the user that connecting made: one that an administrator made keeps the
        # companies chosen for it.
        self.env["sluice.connection"]._service_user_if_any().write(
            {"company_ids": [(4, company.id) for company in companies]}
        )
        return companies
