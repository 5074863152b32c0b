# Whom a user may import for.
from odoo import models
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    _inherit = "res.company"

    def _check_may_be_worked_for(self):
        """Raises AccessError unless the user may work for the company: one may have
        lost the right since a page was opened.
        """
        self.ensure_one()
        if self not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You may not work for %(company)s.",
                    company=self.sudo().display_name,
                )
            )
