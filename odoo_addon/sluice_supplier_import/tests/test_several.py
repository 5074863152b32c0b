# Several suppliers' lists in one go: one import each.
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .upload_case import LIST, UploadCase


@tagged("post_install", "-at_install")
class TestSeveral(UploadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create(
            {"name": "Tweede Handel", "is_company": True, "supplier_rank": 1}
        )

    def several(self, *files, user=None):
        suppliers = self.supplier + self.other
        action = suppliers.with_user(user or self.purchaser).action_import_price_list()
        self.assertEqual(action["res_model"], "supplier.import.several")
        several = (
            self.env["supplier.import.several"]
            .with_user(user or self.purchaser)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(several.line_ids.partner_id, suppliers)
        for line, content in zip(several.line_ids, files, strict=False):
            line.file_id = self.file(content, user=several.env.user)
        return several

    def test_each_list_is_an_import(self):
        several = self.several(LIST, LIST)
        several.action_import()
        imports = several.line_ids.import_id
        self.assertEqual(imports.partner_id, self.supplier + self.other)
        for record in imports:
            self.assertEqual(self.run_to_end(record).status, "succeeded")
            self.assertEqual(record.sudo().attachment_id.raw, LIST)
        self.assertEqual(len(self.lines()), 2)

    def test_suppliers_without_a_list_are_left_alone(self):
        several = self.several(LIST)
        action = several.action_import()
        self.assertEqual(len(several.line_ids.import_id), 1)
        self.assertEqual(
            action["domain"], [("id", "in", several.line_ids.import_id.ids)]
        )

    def test_a_second_click_starts_nothing(self):
        several = self.several(LIST, LIST)
        several.action_import()
        several.action_import()
        self.assertEqual(
            self.env["supplier.import"].search_count(
                [("partner_id", "in", (self.supplier + self.other).ids)]
            ),
            2,
        )

    def test_without_any_list_it_is_said_so(self):
        with self.assertRaisesRegex(UserError, "at least one supplier"):
            self.several().action_import()

    def test_strangers_and_others_may_not(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["supplier.import.several"].with_user(stranger).create(
                {
                    "line_ids": [
                        Command.create({"partner_id": self.supplier.id}),
                    ]
                }
            )
        several = self.several(LIST)
        colleague = new_test_user(
            self.env, "colleague", groups="base.group_user,sluice.group_user"
        )
        with self.assertRaises(AccessError):
            several.with_user(colleague).action_import()

    def test_one_supplier_gets_the_wizard_with_its_preview(self):
        action = self.supplier.with_user(self.purchaser).action_import_price_list()
        self.assertEqual(action["res_model"], "supplier.import.upload")
