# A supplier's price lists: when one was last applied as a whole, and the imports so
# far.
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    last_sync_date = fields.Datetime(
        "Last Complete Price List",
        readonly=True,
        copy=False,
        help=(
            "Start of the last import that applied this supplier's whole price list "
            "without a single row error."
        ),
    )
    supplier_import_ids = fields.One2many(
        "supplier.import",
        "partner_id",
        "Price List Imports",
        groups="sluice.group_user",
    )
    supplier_import_count = fields.Integer(
        compute="_compute_supplier_import_count", groups="sluice.group_user"
    )

    supplier_import_schedule_ids = fields.One2many(
        "supplier.import.schedule",
        "partner_id",
        "Price List Schedules",
        groups="sluice.group_user",
    )
    supplier_import_schedule_count = fields.Integer(
        compute="_compute_supplier_import_schedule_count", groups="sluice.group_user"
    )

    @api.depends("supplier_import_ids")
    def _compute_supplier_import_count(self):
        counts = dict(
            self.env["supplier.import"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.supplier_import_count = counts.get(partner, 0)

    @api.depends("supplier_import_schedule_ids")
    def _compute_supplier_import_schedule_count(self):
        for partner in self:
            partner.supplier_import_schedule_count = len(
                partner.supplier_import_schedule_ids
            )

    def action_import_price_list(self):
        if len(self) > 1:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "sluice_supplier_import.supplier_import_several_action"
            )
            context = {
                "dialog_size": "extra-large",
                "active_model": self._name,
                "active_ids": self.ids,
            }
            return action | {"context": context}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_upload_action"
        )
        return action | {
            "context": {"dialog_size": "extra-large", "default_partner_id": self.id}
        }

    def action_open_supplier_imports(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_partner_id": self.id},
        }

    def action_open_supplier_import_schedules(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_schedule_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_partner_id": self.id},
        }
