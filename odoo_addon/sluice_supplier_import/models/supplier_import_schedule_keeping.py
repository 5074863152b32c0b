# Keeps the server's schedules as they are wanted here: sends changes after the commit,
# and compares both sides now and then.
import logging

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

from odoo.addons.sluice.wire import Client
from odoo.addons.sluice.wire.errors import ServerError
from odoo.addons.sluice.wire.plain import moment

from .supplier_import_schedule import PREFIX

_logger = logging.getLogger(__name__)


class SupplierImportSchedule(models.Model):
    _inherit = "supplier.import.schedule"

    def _send_later(self):
        self._after_commit(lambda schedules: schedules.browse(self.ids)._send())

    def _after_commit(self, tell):
        """Calls `tell` with this model in a transaction of its own, once this one is
        committed.
        """
        registry, context = self.env.registry, {"lang": self.env.context.get("lang")}

        def told():
            with registry.cursor() as cr:
                tell(api.Environment(cr, SUPERUSER_ID, context)[self._name])

        self.env.cr.postcommit.add(told)

    def _send(self):
        """Tells the server what is wanted. What does not get through waits for the
        scheduled action.
        """
        for schedule in self.exists().with_context(active_test=False):
            try:
                schedule._send_one(Client(self.env))
            except ServerError as error:
                may_go_on = error.is_away or error.waits_for_settings
                schedule._settle(
                    "waiting" if may_go_on else "refused",
                    error.told or str(error),
                    error.reason,
                )

    def _send_one(self, client):
        if not self.active or not self.partner_id.active:
            self._remove([self.name_on_server], client)
            self._settle("stopped", False, False)
            return
        minutes = round(self.hour * 60)
        saved = client.save_schedule(
            {
                "name": self.name_on_server,
                "cron": f"{minutes % 60} {minutes // 60} * * {self.days}",
                "time_zone": self.tz,
                "import": self._request(),
            }
        )
        self._settle("kept", False, False, moment(saved["next_run_at"]))

    def _remove(self, names, client=None):
        try:
            client = client or Client(self.env)
        except UserError:
            return  # no server is set
        for name in names:
            try:
                client.delete_schedule(name)
            except ServerError as error:
                if error.reason != "SCHEDULE_NOT_FOUND":
                    _logger.info("schedule %s is removed later: %s", name, error)

    def _tell_screens(self):
        """Has open pages show the schedules anew once this transaction is committed."""
        for schedule in self:
            self.env["bus.bus"]._sendone(
                (schedule.company_id, "sluice.job"),
                "sluice.record/changed",
                {"model": self._name, "id": schedule.id},
            )

    @api.model
    def _refresh_soon(self):
        self.env.ref("sluice_supplier_import.ir_cron_keep_schedules").sudo()._trigger()

    @api.model
    def _keep(self):
        """Makes the server's schedules those that are wanted here, and learns their
        next runs; called by a scheduled action.
        """
        try:
            client = Client(self.env)
        except UserError:
            return
        everything = self.with_context(active_test=False).search([])  # pylint: disable=no-search-all
        everything.filtered(lambda schedule: schedule.kept == "waiting")._send()
        try:
            told = {one["name"]: one for one in self._told_by(client)}
        except ServerError as error:
            _logger.info("schedules are compared later: %s", error)
            return
        wanted = {
            schedule.name_on_server: schedule
            for schedule in everything
            if schedule.kept == "kept"
        }
        for name, schedule in wanted.items():
            if name in told:
                schedule._settle(
                    "kept", False, False, moment(told[name]["next_run_at"])
                )
            else:
                # The server has lost it, or this database was connected to another one.
                schedule._send()
        self._remove(
            [name for name in told if name.startswith(PREFIX) and name not in wanted],
            client,
        )

    @api.model
    def _told_by(self, client):
        token = ""
        while True:
            page = client.list_schedules(token)
            yield from page["schedules"]
            token = page["next_page_token"]
            if not token:
                return

    @api.model
    def _of_server(self, name):
        """The schedule that the server calls so; none for an empty name."""
        return (
            self.with_context(active_test=False).search(
                [("name_on_server", "=", name)], limit=1
            )
            if name
            else self
        )
