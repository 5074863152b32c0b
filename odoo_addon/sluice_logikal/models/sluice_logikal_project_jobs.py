# The jobs that fetch a project: begun here or elsewhere, one at a time, each with its
# screen.
from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import mute_logger

from odoo.addons.sluice.wire import Client
from odoo.addons.sluice.wire.errors import ServerError


class SluiceLogikalProject(models.Model):
    _inherit = "sluice.logikal.project"

    def _begin(self, full):
        """Has the server fetch the project; where it is at it already, shows how far it
        is.
        """
        self.ensure_one()
        self._check_user()
        self.check_access("read")
        client = Client(self.env)
        self._show_begun(client, lambda: client.sync_project(self.guid, full=full))
        # The bar is on this page.
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _begin_look(self):
        """Has the server look into LOGIKAL; where it is at it already, follows that.
        Returns the id of the job's screen.
        """
        self._check_user()
        client = Client(self.env)
        return self.browse()._show_begun(client, client.find_projects)

    def _show_begun(self, client, begin):
        """Begins a job, and makes its screen; returns that screen's id."""
        user = self.env.user
        try:
            told = begin()
        except ServerError as error:
            if error.reason != "LANE_BUSY":
                raise
            told, user = client.job(error.metadata["job_id"]), self.env["res.users"]
        return self._screen_apart(told, user.id)

    def _screen_apart(self, told, user_id):
        """Makes the screen of the server's job, committed, so that its story finds it;
        returns its id.
        """
        for is_last in (False, True):
            try:
                with self.env.registry.cursor() as cr, mute_logger("odoo.sql_db"):
                    env = api.Environment(cr, SUPERUSER_ID, dict(self.env.context))
                    job = env["sluice.relay"]._screen_of(Client(env), told)
                    if user_id:
                        job.user_id = user_id
                    if not job.company_id:
                        job.company_id = self.env.company.id
                    job._show(told)
                    env[self._name].browse(self.ids).job_id = job
                    job._tell_screens()
                    job._wake_relay()
                    return job.id
            except UniqueViolation:
                # The relay made it at the same moment.
                if is_last:
                    raise

    def _job_changed(self):
        """Called by a job of this project when the server told something new about
        it.
        """
        for project in self.sudo():
            if project.job_id.state == "succeeded":
                project.synced_at = project.job_id.finished_at or fields.Datetime.now()
        self._tell_screens()

    def _tell_screens(self):
        """Has open pages show the projects anew once this transaction is committed."""
        for project in self:
            self.env["bus.bus"]._sendone(
                (project.company_id, "sluice.job"),
                "sluice.record/changed",
                {"model": self._name, "id": project.id},
            )

    @api.model
    def _screen_values_of(self, told):
        """What the screen of a project's job has beyond that of any other; nothing for
        jobs of other kinds.
        """
        if told["kind"] == "project_listing":
            title = self.env._("Look into LOGIKAL")
            return {"title": title, "res_model": self._name}
        if told["kind"] != "project_sync":
            return {}
        guid = told["lane"].removeprefix("project:")
        project = self.sudo().search([("guid", "=", guid)], limit=1)
        return {
            "title": project.name or told["title"],
            "res_model": project and self._name,
            "res_id": project.id,
            "company_id": project.company_id.id,
        }
