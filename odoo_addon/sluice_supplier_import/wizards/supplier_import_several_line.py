# One of several price lists: whose it is, and where.
from odoo import fields, models

from ..models.supplier_import import name_of_url


class SupplierImportSeveralLine(models.TransientModel):
    _name = "supplier.import.several.line"
    _description = "One of Several Price Lists"
    _order = "id"

    several_id = fields.Many2one(
        "supplier.import.several", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", "Supplier", required=True)
    file = fields.Binary("Price List", attachment=True)
    file_name = fields.Char()
    url = fields.Char("Web Address", help="Used where there is no file.")
    import_id = fields.Many2one("supplier.import", readonly=True)

    def _start(self, choices):
        """Starts the import of one line; its columns mean what is remembered for the
        supplier, or what their names say.
        """
        self.ensure_one()
        self.partner_id.check_access("read")
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )
        url = False if attachment else self.url.strip()
        name = (
            self.file_name or self.env._("price list")
            if attachment
            else name_of_url(url)
        )
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
            attachment=attachment or None,
        )
