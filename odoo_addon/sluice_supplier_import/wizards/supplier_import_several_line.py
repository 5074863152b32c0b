# One of several price lists: whose it is, and where.
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.supplier_import import name_of_url


class SupplierImportSeveralLine(models.TransientModel):
    _name = "supplier.import.several.line"
    _description = "One of Several Price Lists"
    _order = "id"

    several_id = fields.Many2one(
        "supplier.import.several", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", "Supplier", required=True)
    file_id = fields.Many2one("supplier.import.file", "Price List")
    url = fields.Char("Web Address", help="Used where there is no file.")
    import_id = fields.Many2one("supplier.import", readonly=True)

    @api.constrains("file_id")
    def _check_file_id(self):
        self.file_id._check_own()

    def _start(self, choices):
        """Starts the import of one line; its columns mean what is remembered for the
        supplier, or what their names say.
        """
        self.ensure_one()
        self.partner_id.check_access("read")
        attachment = self.file_id._attachment()
        if self.file_id and not attachment:
            raise UserError(
                self.env._(
                    "The file of %(supplier)s is not here any more: choose it again.",
                    supplier=self.partner_id.display_name,
                )
            )
        url = False if attachment else self.url.strip()
        name = self.file_id.name if attachment else name_of_url(url)
        request = {
            "supplier": str(self.partner_id.id),
            "company_id": self.several_id.company_id.id,
            "file_name": name,
            **choices,
        }
        if url:
            request["url"] = url
        self.import_id = self.env["supplier.import"]._start(
            self.partner_id,
            self.several_id.company_id,
            name,
            request,
            url=url,
            attachment=attachment,
        )
