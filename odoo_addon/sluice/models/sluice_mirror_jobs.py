# The jobs of a mirrored model: begun here or elsewhere, one at a time, each with its
# screen.
from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, models
from odoo.tools import format_datetime, mute_logger

from ..wire import Client
from ..wire.errors import ServerError
from ..wire.plain import moment

KINDS = ("model_sync", "record_cleanup", "record_embedding")


class SluiceMirrorModel(models.Model):
    _inherit = "sluice.mirror.model"

    def _begin(self, begin):
        """Begins a job by `begin`, a function of a client, and shows it; where one is
        at the model already, shows that one and says how far it is.
        """
        self.ensure_one()
        self._check_manager()
        client = Client(self.env)
        try:
            told = begin(client)
        except ServerError as error:
            if error.reason != "LANE_BUSY":
                raise
            job_id = self._screen_apart(client.job(error.metadata["job_id"]))
            return self._busy_notification(error.metadata, self._job_action(job_id))
        return self._job_action(self._screen_apart(told, self.env.uid))

    def _screen_apart(self, told, user_id=False):
        """The id of the screen of the server's job, committed; by whom it was begun is
        kept.
        """
        for is_last in (False, True):
            try:
                with self.env.registry.cursor() as cr, mute_logger("odoo.sql_db"):
                    env = api.Environment(cr, SUPERUSER_ID, dict(self.env.context))
                    relay = env["sluice.relay"]
                    job = relay._screen_of(Client(env), told)
                    if user_id:
                        job.user_id = user_id
                    job._show(told)
                    env[self._name].browse(self.id).job_id = job
                    job._tell_screens()
                    job._wake_relay()
                    return job.id
            except UniqueViolation:
                # The relay made it at the same moment.
                if is_last:
                    raise
        return False

    def _busy_notification(self, metadata, action):
        began = format_datetime(self.env, moment(metadata["started"]))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("%(model)s is being read already", model=self.name),
                "message": self.env._(
                    "Since %(time)s: %(percent)s %%, %(done)s of %(total)s records.",
                    time=began,
                    percent=metadata["percent"],
                    done=metadata["rows_done"],
                    total=metadata["rows_total"],
                ),
                "next": action,
            },
        }

    @api.model
    def _job_action(self, job_id):
        return {
            "type": "ir.actions.act_window",
            "res_model": "sluice.job",
            "res_id": job_id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _job_changed(self):
        """Called by a job of this model when the server told something new about it."""
        told = Client(self.env).mirror_status()["models"]
        states = {one["configuration"]["model"]: one for one in told}
        for mirrored in self.sudo():
            if mirrored.model in states:
                mirrored._show(states[mirrored.model])
        self._tell_screens()

    def _tell_screens(self):
        """Has open pages show the models anew once this transaction is committed."""
        managers = self.env.ref("sluice.group_manager")
        for mirrored in self:
            self.env["bus.bus"]._sendone(
                managers,
                "sluice.record/changed",
                {"model": self._name, "id": mirrored.id},
            )

    @api.model
    def _screen_values_of(self, told):
        """What the screen of a mirror's job has beyond that of any other; nothing for
        jobs of other kinds.
        """
        if told["kind"] not in KINDS:
            return {}
        # The server's title is in its own language; the model has a name here.
        name = told["lane"].partition(":")[2]
        model = self.env["ir.model"]._get(name)
        mirrored = self.search([("model", "=", name)])
        return {
            "title": f"{model.name} ({name})" if model else name,
            "res_model": mirrored and self._name,
            "res_id": mirrored.id,
        }
