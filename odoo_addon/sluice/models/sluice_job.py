# A job of the Sluice server as people see it here: a screen of what the server knows, not a second truth.
import logging
import uuid

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..wire import Client
from ..wire.errors import ServerError
from ..wire.plain import moment
from ..words import in_words

_logger = logging.getLogger(__name__)

STATES = [
    ("sending", "Being sent"),
    ("queued", "Waiting"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("succeeded", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
FINISHED = ("succeeded", "failed", "cancelled")
# What an event makes of a job's state; events that are not here leave it as it is.
STATE_AFTER = {
    "EVENT_TYPE_QUEUED": "queued",
    "EVENT_TYPE_STARTED": "running",
    "EVENT_TYPE_PROGRESS": "running",
    "EVENT_TYPE_WAITING": "running",
    "EVENT_TYPE_CONTINUED": "running",
    "EVENT_TYPE_RETRYING": "queued",
    "EVENT_TYPE_RESCUED": "queued",
    "EVENT_TYPE_RELEASED": "queued",
    "EVENT_TYPE_PAUSED": "paused",
    "EVENT_TYPE_RESUMED": "queued",
    "EVENT_TYPE_SUCCEEDED": "succeeded",
    "EVENT_TYPE_FAILED": "failed",
    "EVENT_TYPE_CANCELLED": "cancelled",
}
COUNTERS = {
    "rows_total": "rows_total",
    "rows_done": "rows_done",
    "created": "created_count",
    "updated": "updated_count",
    "unchanged": "unchanged_count",
    "skipped": "skipped_count",
    "errors": "error_count",
}
PIECE = 512 * 1024


class SluiceJob(models.Model):
    _name = "sluice.job"
    _description = "Sluice job"
    _order = "id desc"
    _rec_name = "title"

    title = fields.Char(required=True, readonly=True)
    kind = fields.Char(required=True, readonly=True, index=True, help="What the job does, such as supplier_import.")
    state = fields.Selection(STATES, required=True, readonly=True, default="sending", index=True)
    uuid = fields.Char(
        "Request",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        help="Makes sure that the server takes the job once, however often it is sent.",
    )
    server_id = fields.Char("Job in Sluice", readonly=True, copy=False, help="UUID of the job in the Sluice server.")
    request = fields.Json(
        "Message",
        readonly=True,
        groups="sluice.group_manager",
        help="What is asked of the server: the message `import` as a dict.",
    )
    attachment_id = fields.Many2one(
        "ir.attachment",
        "File",
        readonly=True,
        ondelete="set null",
        help="Sent to the server before the job, if there is one.",
    )
    rows_total = fields.Integer("Rows", readonly=True, help="0 while it is not known.")
    rows_done = fields.Integer(readonly=True)
    created_count = fields.Integer("Created", readonly=True)
    updated_count = fields.Integer("Updated", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    skipped_count = fields.Integer("Skipped", readonly=True)
    error_count = fields.Integer("Errors", readonly=True)
    percent = fields.Float("Progress", compute="_compute_percent", digits=(5, 1))
    rows_per_second = fields.Float("Rows per Second", readonly=True, digits=(12, 1))
    seconds_left = fields.Integer(compute="_compute_seconds_left")
    message = fields.Char("Words", compute="_compute_message", help="What the job says of itself, in the reader's language.")
    told = fields.Char("Words of the Server", readonly=True)
    code = fields.Char(readonly=True, help="What the server's words are about, as a word that stays the same in each language.")
    seq = fields.Integer("Event", readonly=True, help="Number of the last event of the job that is shown here.")
    started_at = fields.Datetime("Started", readonly=True)
    finished_at = fields.Datetime("Finished", readonly=True)
    user_id = fields.Many2one("res.users", "Started by", readonly=True, default=lambda self: self.env.user, index=True)
    company_id = fields.Many2one("res.company", readonly=True, default=lambda self: self.env.company, index=True)
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)

    _uuid_unique = models.Constraint("UNIQUE (uuid)", "A job is asked for once.")
    _server_id_unique = models.Constraint("UNIQUE (server_id)", "A job of the server has one screen.")

    @api.depends("rows_done", "rows_total", "state")
    def _compute_percent(self):
        for job in self:
            if job.state == "succeeded":
                job.percent = 100
            else:
                job.percent = min(100, 100 * job.rows_done / job.rows_total) if job.rows_total else 0

    @api.depends("rows_done", "rows_total", "rows_per_second", "state")
    def _compute_seconds_left(self):
        for job in self:
            known = job.state == "running" and job.rows_total and job.rows_per_second
            job.seconds_left = (job.rows_total - job.rows_done) / job.rows_per_second if known else 0

    @api.depends("told", "code")
    @api.depends_context("lang")
    def _compute_message(self):
        for job in self:
            job.message = in_words(self.env, job.code, job.told)

    @api.model_create_multi
    def create(self, vals_list):
        jobs = super().create(vals_list)
        waiting = jobs.filtered(lambda job: job.state == "sending")
        if waiting:
            # Not before: the server must never work on what Odoo rolled back.
            self.env.cr.postcommit.add(lambda: waiting._send_apart())
        return jobs

    def action_pause(self):
        return self._steer("pause")

    def action_resume(self):
        return self._steer("resume")

    def action_retry(self):
        return self._steer("retry")

    def action_cancel(self):
        # What was not sent yet has nobody to be told; what was sent without an answer is cancelled when it turns up.
        self.check_access("read")
        unsent = self.filtered(lambda job: job.state == "sending").sudo()
        if unsent != unsent.try_lock_for_update():
            raise UserError(self.env._("The job is being sent to the Sluice server just now. Please try again in a moment."))
        unsent.write({"state": "cancelled", "finished_at": fields.Datetime.now()})
        for job in unsent:
            job._tell_screens()
        sent = self - unsent
        return sent._steer("cancel") if sent else True

    def _steer(self, verb):
        """Asks the server to do something with the jobs. What comes of it arrives as their events."""
        self.check_access("read")
        client = Client(self.env)
        for job in self.sudo():
            if not job.server_id:
                raise UserError(self.env._("%(title)s has not reached the Sluice server yet.", title=job.title))
            answer = getattr(client, verb)(job.server_id)
            # The relay may be writing this row: what it writes is at least as new.
            if job.try_lock_for_update(allow_referencing=True):
                job._show(answer)
        self._wake_relay()
        return True

    @api.model
    def _wake_relay(self):
        self.env.ref("sluice.ir_cron_relay").sudo()._trigger()

    # Sending

    def _send_apart(self):
        """Sends in a transaction of its own."""
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"lang": self.env.context.get("lang")})
            env["sluice.job"].browse(self.ids)._send()

    @api.model
    def _send_waiting(self):
        """Repeats what did not get through; called by a scheduled action."""
        for job in self.search([("state", "=", "sending")], order="id", limit=100):
            job._send_apart()

    def _send(self):
        """Hands the jobs to the server. Those that do not get through stay in `sending` and say why."""
        for job in self.try_lock_for_update(allow_referencing=True).filtered(lambda job: job.state == "sending"):
            try:
                job._send_one(Client(self.env))
            except ServerError as error:
                # Without a token it can go on once somebody has connected; what the server refuses, it will refuse again.
                if error.is_away or error.reason in ("TLS", "TOKEN_MISSING", "TOKEN_INVALID"):
                    job._say(error)
                else:
                    job._say(error, state="failed", finished_at=fields.Datetime.now())
                    job._job_changed_safely()
            except UserError as error:
                job.write({"told": str(error), "code": False})
            job._tell_screens()

    def _say(self, error, **values):
        """Keeps why the server did not do what was asked of it."""
        self.write({"told": error.told or str(error), "code": error.reason, **values})

    def _send_one(self, client):
        what = dict(self.request["import"])
        if self.attachment_id and not what.get("upload_id"):
            stored = client.upload(self.attachment_id.name, _pieces(self.attachment_id.raw))
            what["upload_id"] = stored["upload_id"]
            # The same request must say the same when it is repeated.
            self.request = {**self.request, "import": what}
            self.env.cr.commit()  # pylint: disable=invalid-commit
            self.lock_for_update(allow_referencing=True)
        self._show(client.enqueue_import(what, self.uuid))
        self._wake_relay()

    # What the server tells

    def _show(self, told):
        """Takes over a job as the server told it, unless something later is known."""
        self.ensure_one()
        if told["last_seq"] < self.seq:
            return
        state = self.state
        self.write(
            {
                "server_id": told["id"],
                "state": told["state"].removeprefix("JOB_STATE_").lower(),
                "seq": told["last_seq"],
                "started_at": moment(told["started_at"]),
                "finished_at": moment(told["finished_at"]),
                **self._told_by(told),
                **_counters(told["counters"]),
            }
        )
        self._after_change(state)

    def _told_by(self, told):
        """What a snapshot says, and what that is about."""
        error = told["error"]
        if told["waiting_reason"]:
            return {"told": told["waiting_reason"], "code": "odoo_away"}
        if error and told["state"] != "JOB_STATE_SUCCEEDED":
            return {"told": error["message"], "code": error["code"]}
        # A snapshot does not carry the last event's words.
        return {} if told["last_seq"] == self.seq else {"told": False, "code": False}

    def _on_event(self, event):
        """Takes over one event of the job; one that is known already changes nothing."""
        self.ensure_one()
        if event["seq"] <= self.seq:
            return
        state = self.state
        after = STATE_AFTER.get(event["type"], state)
        values = {"state": after, "seq": event["seq"], **_counters(event["counters"])}
        # Where rows went on, the figures say what the message says.
        went_on = event["type"] == "EVENT_TYPE_PROGRESS" and values.get("rows_done", 0) > self.rows_done
        word = event["type"].removeprefix("EVENT_TYPE_").lower()
        values.update({"told": False, "code": False} if went_on else {"told": event["message"], "code": event["code"] or word})
        if after == "running" and not self.started_at:
            values["started_at"] = moment(event["time"])
        values["finished_at"] = moment(event["time"]) if after in FINISHED else False
        self.write(values)
        self._after_change(state)

    def _after_change(self, state):
        if self.state != state:
            self._job_changed_safely()

    def _job_changed_safely(self):
        """Tells the record that the job is for. Its failure must not stop the stories of other jobs."""
        if not (self.res_model and self.res_id and self.res_model in self.env):
            return
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not hasattr(record, "_job_changed"):
            return
        try:
            with self.env.cr.savepoint():
                record._job_changed()
        except Exception:
            _logger.exception("%s was not told of job %s", record, self.server_id)

    def _tell_screens(self):
        """Sends where the job is to everybody who may see it, once this transaction is committed."""
        for job in self:
            # A whole state, never a difference: the bus repeats messages, and drops them for those who were away.
            channel = (job.company_id, "sluice.job") if job.company_id else self.env.ref("sluice.group_manager")
            self.env["bus.bus"]._sendone(channel, "sluice.job/changed", job._screen())

    def _screen(self):
        """The job as the widgets show it; `messages` has the message in the languages of this database."""
        self.ensure_one()
        screen = self.read(self._screen_fields(), load=None)[0]
        if self.told:
            languages = [code for code, _name in self.env["res.lang"].get_installed()]
            screen["messages"] = {language: self.with_context(lang=language).message for language in languages}
        return screen

    @api.model
    def _screen_fields(self):
        return [
            "title",
            "kind",
            "state",
            "seq",
            "message",
            "percent",
            "rows_per_second",
            "seconds_left",
            "started_at",
            "finished_at",
            *COUNTERS.values(),
            "user_id",
            "res_model",
            "res_id",
        ]


def _counters(told):
    return {field: told[name] for name, field in COUNTERS.items()} if told else {}


def _pieces(content):
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]
