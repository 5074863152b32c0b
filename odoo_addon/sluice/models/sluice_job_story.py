# What the server tells of a job, taken over into its record and told to the screens.
import logging

from odoo import api, models

from ..wire.plain import moment
from .sluice_job import FINISHED

_logger = logging.getLogger(__name__)

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
# What these tell in passing is shown beside the figures.
TELLING = ("elevation_stored", "phase_listed", "directories_listed")
COUNTERS = {
    "rows_total": "rows_total",
    "rows_done": "rows_done",
    "created": "created_count",
    "updated": "updated_count",
    "unchanged": "unchanged_count",
    "skipped": "skipped_count",
    "errors": "error_count",
}


class SluiceJob(models.Model):
    _inherit = "sluice.job"

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
        """Takes over one event of the job; one that is known changes nothing."""
        self.ensure_one()
        if event["seq"] <= self.seq:
            return
        state = self.state
        after = STATE_AFTER.get(event["type"], state)
        values = {"state": after, "seq": event["seq"], **_counters(event["counters"])}
        # Where rows went on, the figures say what the message says.
        went_on = (
            event["type"] == "EVENT_TYPE_PROGRESS"
            # Whose story it is to name what is on its way says more than figures.
            and event["code"] not in TELLING
            and values.get("rows_done", 0) > self.rows_done
        )
        word = event["type"].removeprefix("EVENT_TYPE_").lower()
        values.update(
            {"told": False, "code": False}
            if went_on
            else {"told": event["message"], "code": event["code"] or word}
        )
        if after == "running" and not self.started_at:
            values["started_at"] = moment(event["time"])
        values["finished_at"] = moment(event["time"]) if after in FINISHED else False
        self.write(values)
        self._after_change(state)

    def _after_change(self, state):
        if self.state != state:
            self._job_changed_safely()

    def _job_changed_safely(self):
        """Tells those that the job is for. Their failure must not stop the stories of
        other jobs.
        """
        try:
            with self.env.cr.savepoint():
                self._tell_record()
        except Exception:
            _logger.exception(
                "%s %s was not told of job %s",
                self.res_model,
                self.res_id,
                self.server_id,
            )

    def _tell_record(self):
        """Tells the record that the job is for. Addons do more for their kinds."""
        if not (self.res_model and self.res_id and self.res_model in self.env):
            return
        record = self.env[self.res_model].browse(self.res_id).exists()
        if hasattr(record, "_job_changed"):
            record._job_changed()

    def _tell_screens(self, silence=0):
        """Sends where the job is to everybody who may see it, once this transaction is
        committed; with the seconds for which nothing more may be said.
        """
        for job in self:
            # A whole state, never a difference: the bus repeats messages, and drops
            # them for those who were away.
            channel = (
                (job.company_id, "sluice.job")
                if job.company_id
                else self.env.ref("sluice.group_manager")
            )
            self.env["bus.bus"]._sendone(
                channel, "sluice.job/changed", job._screen() | {"silence": silence}
            )

    def _screen(self):
        """The job as the widgets show it; `messages` has the message in the languages
        of this database.
        """
        self.ensure_one()
        screen = self.read(self._screen_fields(), load=None)[0]
        if self.told:
            languages = [code for code, _name in self.env["res.lang"].get_installed()]
            screen["messages"] = {
                language: self.with_context(lang=language).message
                for language in languages
            }
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
