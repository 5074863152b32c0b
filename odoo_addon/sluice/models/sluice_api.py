# The public face of the addon: what the Sluice server asks before it does anything.
from odoo import api, models, release
from odoo.exceptions import AccessError
from odoo.tools import config

# Counts up when a method that the server calls changes its arguments or its answer.
CONTRACT = 1


class SluiceApi(models.AbstractModel):
    _name = "sluice.api"
    _description = "Sluice: what this Odoo offers the server"

    @api.model
    def describe(self):
        """Versions, modules, company and missing rights, so that the server can refuse
        early and in clear words.
        """
        self._check_service()
        trusted = self.sudo()
        modules = trusted.env["ir.module.module"].search(
            [
                ("name", "=like", "sluice%"),
                ("state", "=", "installed"),
            ]
        )
        company = self.env.company.sudo()
        return {
            "addon_version": modules.filtered(
                lambda module: module.name == "sluice"
            ).installed_version,
            "contract": CONTRACT,
            "odoo_version": release.serie,
            "database_uuid": trusted.env["ir.config_parameter"].get_param(
                "database.uuid"
            ),
            "modules": sorted(modules.mapped("name")),
            "user": self.env.user.login,
            "company_id": company.id,
            "company_currency": company.currency_id.name,
            "workers": config["workers"],
            "missing_rights": self._missing_rights(),
            "limits": {
                "time_real": config["limit_time_real"],
                "time_cpu": config["limit_time_cpu"],
                "memory_soft": config["limit_memory_soft"],
            },
        }

    @api.model
    def _check_service(self):
        """Raises AccessError unless the caller is the service user or a manager."""
        if not (self.env.su or self.env.user.has_group("sluice.group_service")):
            raise AccessError(
                self.env._(
                    "%(user)s is not allowed to use Sluice: an administrator has to "
                    "add the group Sluice / Service.",
                    user=self.env.user.login,
                )
            )

    @api.model
    def _missing_rights(self):
        """Sentences about what this user lacks; addons that need more than the group
        add theirs.
        """
        return []
