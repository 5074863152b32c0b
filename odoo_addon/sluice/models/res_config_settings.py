# The settings of Sluice: where the server is, connecting to it, and trying the
# connection.
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..wire import settings as places


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sluice_address = fields.Char("Server", config_parameter=places.ADDRESS)
    # A certificate has many lines, which a field kept as parameter cannot have.
    sluice_certificate = fields.Text("Certificate")
    sluice_connection_name = fields.Char("Name of this Database in Sluice")
    sluice_odoo_url = fields.Char("Address of this Odoo")
    sluice_code = fields.Char(
        "Pairing Code",
        help=(
            "What `sluice pair` prints beside the server. It works once, for a "
            "quarter of an hour."
        ),
    )
    sluice_connected = fields.Boolean(compute="_compute_sluice_connected")

    @api.depends("sluice_address")
    def _compute_sluice_connected(self):
        self.sluice_connected = bool(
            self.env["ir.config_parameter"].sudo().get_param(places.TOKEN)
        )

    @api.model
    def get_values(self):
        values = super().get_values()
        read = self.env["ir.config_parameter"].sudo().get_param
        values.update(
            sluice_certificate=read(places.CERTIFICATE) or "",
            sluice_connection_name=read(places.CONNECTION)
            or self.env["sluice.connection"]._name_of_database(),
            sluice_odoo_url=read(places.ODOO_URL) or read("web.base.url"),
        )
        return values

    def set_values(self):
        done = super().set_values()
        self.env["ir.config_parameter"].sudo().set_param(
            places.CERTIFICATE, (self.sluice_certificate or "").strip()
        )
        return done

    def action_sluice_connect(self):
        self.ensure_one()
        if not self.sluice_code:
            raise UserError(
                self.env._(
                    "Enter a pairing code first: run `sluice pair` beside the server."
                )
            )
        self.env["sluice.connection"]._connect(
            (self.sluice_connection_name or "").strip(),
            self.sluice_address or "",
            self.sluice_certificate or "",
            self.sluice_code.strip(),
            (self.sluice_odoo_url or "").strip(),
        )
        return self._sluice_told(
            self.env._("Connected"),
            next={"type": "ir.actions.client", "tag": "soft_reload"},
        )

    def action_sluice_test(self):
        self.ensure_one()
        return self._sluice_told(self.env._("The connection works"))

    def _sluice_told(self, title, **further):
        """Says what a test of the connection found, which raises when the connection
        does not work.
        """
        message = self.env["sluice.connection"]._test()
        told = {
            "type": "success",
            "title": title,
            "message": message,
            "sticky": False,
            **further,
        }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": told,
        }
