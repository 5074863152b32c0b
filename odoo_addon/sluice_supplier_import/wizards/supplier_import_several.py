# The lists of several suppliers at once: a file or a web address for each, the same
# choices for all.
from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class SupplierImportSeveral(models.TransientModel):
    _name = "supplier.import.several"
    _inherit = "supplier.import.choices"
    _description = "Import Several Price Lists"

    line_ids = fields.One2many(
        "supplier.import.several.line", "several_id", "Price Lists"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    done = fields.Boolean(readonly=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "res.partner":
            suppliers = (
                self.env["res.partner"]
                .browse(self.env.context.get("active_ids", []))
                .commercial_partner_id
            )
            last_urls = self._last_urls(suppliers)
            values["line_ids"] = [
                Command.create(
                    {"partner_id": supplier.id, "url": last_urls.get(supplier)}
                )
                for supplier in suppliers
            ]
        return values

    def action_import(self):
        """Starts an import for each line that has a list; a second click shows those
        that the first started.
        """
        self.ensure_one()
        imports = self.env["supplier.import"]
        imports._check_may_start()
        self.company_id._check_may_be_worked_for()
        self.lock_for_update()
        if not self.done:
            lines = self.line_ids.filtered(lambda line: line.file_id or line.url)
            if not lines:
                raise UserError(
                    self.env._("Give at least one supplier a file or a web address.")
                )
            for line in lines:
                line._start(self._choices())
            self.done = True
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_action"
        )
        return action | {"domain": [("id", "in", self.line_ids.import_id.ids)]}

    @api.model
    def _last_urls(self, suppliers):
        """Where the latest list of a supplier came from, for those whose latest one
        came from the web.
        """
        latest = {}
        for record in self.env["supplier.import"].search(
            [("partner_id", "in", suppliers.ids)], order="id desc", limit=1000
        ):
            latest.setdefault(record.partner_id, record.url)
        return latest
