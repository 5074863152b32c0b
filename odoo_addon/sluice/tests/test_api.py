# Who may ask what this Odoo offers, and what it answers.
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestApi(TransactionCase):
    def test_the_service_user_learns_versions_and_rights(self):
        service = new_test_user(
            self.env, "sluice_test_service", groups="sluice.group_service"
        )
        answer = self.env["sluice.api"].with_user(service).describe()
        self.assertEqual(
            (answer["contract"], answer["odoo_version"], answer["user"]),
            (1, "19.0", service.login),
        )
        self.assertIn("sluice", answer["modules"])
        self.assertEqual(answer["missing_rights"], [])
        self.assertEqual(
            set(answer["limits"]), {"time_real", "time_cpu", "memory_soft"}
        )
        self.assertEqual(answer["company_id"], service.company_id.id)

    def test_strangers_are_refused(self):
        for login, groups in (
            ("stranger", "base.group_user"),
            ("portal_stranger", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            with self.subTest(login), self.assertRaises(AccessError):
                self.env["sluice.api"].with_user(user).describe()

    def test_fences_and_ledger_are_closed_to_the_service_user(self):
        service = new_test_user(
            self.env, "sluice_test_service", groups="sluice.group_service"
        )
        for model in ("sluice.fence", "sluice.ledger", "res.partner", "res.company"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(service).search([]).mapped("display_name")
