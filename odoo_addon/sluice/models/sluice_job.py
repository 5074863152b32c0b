# A job of the Sluice server as people see it here: a screen of what the server knows,
# not a second truth.
import uuid

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..wire import Client
from ..wire.errors import ServerError
from ..words import in_words

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


class SluiceJob(models.Model):
    _name = "sluice.job"
    _description = "Sluice job"
    _order = "id desc"
    _rec_name = "title"

    title = fields.Char(required=True, readonly=True)
    kind = fields.Char(
        required=True,
        readonly=True,
        index=True,
        help="What the job does, such as supplier_import.",
    )
    kind_name = fields.Char("What", compute="_compute_kind_name")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="sending", index=True
    )
    uuid = fields.Char(
        "Request",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        help="Makes sure that the server takes the job once, however often it is sent.",
    )
    server_id = fields.Char(
        "Job in Sluice",
        readonly=True,
        copy=False,
        help="UUID of the job in the Sluice server.",
    )
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
    message = fields.Char(
        "Words",
        compute="_compute_message",
        help="What the job says of itself, in the reader's language.",
    )
    told = fields.Char("Words of the Server", readonly=True)
    code = fields.Char(
        readonly=True,
        help=(
            "What the server's words are about, as a word that stays the same in each "
            "language."
        ),
    )
    seq = fields.Integer(
        "Event",
        readonly=True,
        help="Number of the last event of the job that is shown here.",
    )
    asked_at = fields.Datetime(
        "Asked on",
        readonly=True,
        default=fields.Datetime.now,
        index=True,
        help="When somebody started the job, here or elsewhere.",
    )
    started_at = fields.Datetime("Started", readonly=True)
    finished_at = fields.Datetime("Finished", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Started by",
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company, index=True
    )
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)

    _uuid_unique = models.Constraint("UNIQUE (uuid)", "A job is asked for once.")
    _server_id_unique = models.Constraint(
        "UNIQUE (server_id)", "A job of the server has one screen."
    )

    def _init_column(self, column_name):
        if column_name == "asked_at":
            # Jobs from before there was this column.
            self.env.cr.execute("UPDATE sluice_job SET asked_at = create_date")
            return
        super()._init_column(column_name)

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_name(self):
        words = {
            "supplier_import": self.env._("Price list"),
            "model_sync": self.env._("Mirror"),
            "record_cleanup": self.env._("Deleted records"),
            "record_embedding": self.env._("Search index"),
            "project_sync": self.env._("Project"),
            "project_listing": self.env._("Projects in LOGIKAL"),
        }
        for job in self:
            job.kind_name = words.get(job.kind, job.kind)

    @api.depends("rows_done", "rows_total", "state")
    def _compute_percent(self):
        for job in self:
            if job.state == "succeeded":
                job.percent = 100
            else:
                job.percent = (
                    min(100, 100 * job.rows_done / job.rows_total)
                    if job.rows_total
                    else 0
                )

    @api.depends("rows_done", "rows_total", "rows_per_second", "state")
    def _compute_seconds_left(self):
        for job in self:
            known = job.state == "running" and job.rows_total and job.rows_per_second
            job.seconds_left = (
                (job.rows_total - job.rows_done) / job.rows_per_second if known else 0
            )

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
        # What was not sent yet has nobody to be told; what was sent without an answer
        # is cancelled when it turns up.
        self.check_access("read")
        unsent = self.filtered(lambda job: job.state == "sending").sudo()
        if unsent != unsent.try_lock_for_update():
            raise UserError(
                self.env._(
                    "The job is being sent to the Sluice server just now. Please try "
                    "again in a moment."
                )
            )
        unsent.write({"state": "cancelled", "finished_at": fields.Datetime.now()})
        for job in unsent:
            job._tell_screens()
        sent = self - unsent
        return sent._steer("cancel") if sent else True

    def _steer(self, verb):
        """Asks the server to do something with the jobs. What comes of it arrives as
        their events.
        """
        self.check_access("read")
        client = Client(self.env)
        for job in self.sudo():
            if not job.server_id:
                raise UserError(
                    self.env._(
                        "%(title)s has not reached the Sluice server yet.",
                        title=job.title,
                    )
                )
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
            env = api.Environment(
                cr, SUPERUSER_ID, {"lang": self.env.context.get("lang")}
            )
            env["sluice.job"].browse(self.ids)._send()

    @api.model
    def _send_waiting(self):
        """Repeats what did not get through; called by a scheduled action."""
        for job in self.search([("state", "=", "sending")], order="id", limit=100):
            job._send_apart()

    def _send(self):
        """Hands the jobs to the server. Those that do not get through stay in `sending`
        and say why.
        """
        for job in self.try_lock_for_update(allow_referencing=True).filtered(
            lambda job: job.state == "sending"
        ):
            try:
                job._send_one(Client(self.env))
            except ServerError as error:
                # What the server refuses, it will refuse again.
                if error.is_away or error.waits_for_settings:
                    job._say(error)
                else:
                    job._say(error, state="failed", finished_at=fields.Datetime.now())
                    job._job_changed_safely()
            job._tell_screens()

    def _say(self, error, **values):
        """Keeps why the server did not do what was asked of it."""
        self.write({"told": error.told or str(error), "code": error.reason, **values})

    def _send_one(self, client):
        what = dict(self.request["import"])
        if self.attachment_id and not what.get("upload_id"):
            attachment = self.attachment_id
            stored = client.upload(attachment.name, attachment._sluice_pieces())
            what["upload_id"] = stored["upload_id"]
            # The same request must say the same when it is repeated.
            self.request = {**self.request, "import": what}
            self.env.cr.commit()  # pylint: disable=invalid-commit
            self.lock_for_update(allow_referencing=True)
        self._show(client.enqueue_import(what, self.uuid))
        self._wake_relay()
