# What people press, and what the server is asked.
from odoo.tests import tagged

from odoo.addons.sluice.tests.far_side import FarSide
from odoo.addons.sluice.wire.generated import connections_pb2, projects_pb2
from odoo.addons.sluice.wire.settings import ADDRESS, TOKEN

from .project_case import ProjectCase


@tagged("post_install", "-at_install")
class TestSync(ProjectCase):
    def far_side(self, **answers):
        """A server that answers these methods of services, such as `Projects_List`."""
        far = FarSide(
            {
                f"/sluice.v1.{name.replace('_', '/')}": answer
                for name, answer in answers.items()
            }
        )
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(ADDRESS, far.address)
        parameters.set_param(TOKEN, "token")
        return far

    def test_a_listing_makes_projects_and_changes_them(self):
        self.apply(self.row(1))

        def listing(_request, _context):
            return projects_pb2.ProjectsListResponse(
                projects=[
                    {"id": "5ddb1393", "name": "DOS22309 B"},
                    {"id": "b", "name": "DOS22410", "directory": "Demo Odoo"},
                ]
            ).SerializeToString()

        job = self.env["sluice.job"].create(
            {
                "title": "Look",
                "kind": "project_listing",
                "state": "running",
                "server_id": "look",
                "res_model": "sluice.logikal.project",
            }
        )
        with self.far_side(Projects_List=listing):
            job._on_event(
                {
                    "seq": 1,
                    "type": "EVENT_TYPE_SUCCEEDED",
                    "time": "2026-11-22T10:00:00Z",
                    "message": "LOGIKAL has 2 projects in 1 directory",
                    "code": "",
                    "counters": None,
                }
            )
        self.assertEqual(self.project().name, "DOS22309 B")
        self.assertEqual(self.project("b").company_id, self.env.company)

    def test_settings_keep_no_password(self):
        asked = []

        def save(request, _context):
            message = connections_pb2.ConnectionsSaveLogikalRequest.FromString(request)
            asked.append((message.password, message.skip_test))
            return connections_pb2.ConnectionsSaveLogikalResponse(
                logikal={"url": message.url}
            ).SerializeToString()

        def known(_request, _context):
            return connections_pb2.ConnectionsGetLogikalResponse().SerializeToString()

        with self.far_side(Connections_SaveLogikal=save, Connections_GetLogikal=known):
            site = self.env["sluice.logikal.site"].create(
                {"url": "http://cad", "user": "odoo", "password": "let me in"}
            )
            self.patch(self.env.cr, "commit", self.env.flush_all)
            projects = type(self.env["sluice.logikal.project"])
            self.patch(projects, "_begin_look", lambda _projects: 7)
            action = site.action_save()
        # The look that follows tells whether the settings are right.
        self.assertEqual(action["context"], {"sluice_job_id": 7})
        self.assertEqual(asked, [("let me in", True)])
        self.assertFalse(site.password)

    def test_the_job_of_a_project_has_its_name_and_company(self):
        self.apply(self.row(1))
        told = {
            "kind": "project_sync",
            "lane": "project:5ddb1393",
            "title": "Sync DOS22309",
        }
        values = self.env["sluice.logikal.project"]._screen_values_of(told)
        self.assertEqual(values["title"], "DOS22309")
        self.assertEqual(values["res_id"], self.project().id)
        self.assertEqual(values["company_id"], self.env.company.id)
