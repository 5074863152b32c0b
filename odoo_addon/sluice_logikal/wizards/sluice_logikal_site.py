# Where this database's LOGIKAL is. The server keeps it, the password sealed; nothing of
# it stays here.
from odoo import api, fields, models

from odoo.addons.sluice.wire import Client


class SluiceLogikalSite(models.TransientModel):
    _name = "sluice.logikal.site"
    _description = "LOGIKAL Settings"

    url = fields.Char("Address", required=True)
    user = fields.Char(required=True)
    password = fields.Char(help="Left empty: what it was.")
    directory = fields.Char(
        help="The path below which projects are looked for; empty means everywhere."
    )
    sessions = fields.Integer(
        default=4, help="How many sessions may be open in LOGIKAL at once."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        known = Client(self.env).logikal()
        if known:
            values.update(
                url=known["url"],
                user=known["user"],
                directory=known["directory"],
                sessions=known["sessions"],
            )
        return values

    def action_save(self):
        """Has the server keep this, and then look into LOGIKAL: that tells whether it
        is right.
        """
        self.ensure_one()
        password = self.password or ""
        # Whatever comes of it, the password does not stay in this database.
        self.password = False
        self.env.cr.commit()  # pylint: disable=invalid-commit
        Client(self.env).save_logikal(
            url=self.url or "",
            user=self.user or "",
            password=password,
            directory=self.directory or "",
            sessions=self.sessions,
        )
        return self.env["sluice.logikal.project"].action_look()
