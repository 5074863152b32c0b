# Who sees projects, and who may fetch them.
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .project_case import ProjectCase


@tagged("post_install", "-at_install")
class TestAccess(ProjectCase):
    def setUp(self):
        super().setUp()
        self.apply(self.row(1))

    def test_sales_people_read_and_do_not_fetch(self):
        seller = new_test_user(
            self.env, "sluice_test_seller", groups="sales_team.group_sale_salesman"
        )
        project = self.project().with_user(seller)
        self.assertEqual(project.elevation_ids.glass_ids.name, "HR++")
        with self.assertRaises(AccessError):
            project.action_sync()
        with self.assertRaises(AccessError):
            project.action_look()

    def test_a_stranger_sees_nothing(self):
        stranger = new_test_user(
            self.env, "sluice_test_stranger", groups="base.group_user"
        )
        with self.assertRaises(AccessError):
            self.project().with_user(stranger).read(["name"])

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elders"})
        user = new_test_user(
            self.env,
            "sluice_test_elsewhere",
            groups="sluice.group_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        projects = self.env["sluice.logikal.project"].with_user(user)
        self.assertFalse(projects.search([]))

    def test_nobody_but_the_server_writes(self):
        user = new_test_user(self.env, "sluice_test_user", groups="sluice.group_user")
        with self.assertRaises(AccessError):
            self.project().with_user(user).name = "Mine"
