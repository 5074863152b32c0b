# The relay: carries what the server tells of this connection's jobs to the records and
# the open screens.
import logging
import time
from datetime import datetime, timedelta

from psycopg2.errors import OperationalError, UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..pace import Pace, pause
from ..wire import Client
from ..wire.errors import ServerError
from ..wire.plain import moment
from .sluice_job import FINISHED

_logger = logging.getLogger(__name__)

# A scheduled action that overstays its time makes a threaded Odoo start anew, so the
# relay ends early and wakes itself.
RUN_SECONDS = 50
# Between two tellings of where a job is, whatever there is to tell: four a second at
# most.
PAUSE_SECONDS = 0.25
# An idle stream gives control back so often, so that the last news are never held back
# for longer.
HEARTBEAT_SECONDS = 1


class SluiceRelay(models.AbstractModel):
    _name = "sluice.relay"
    _description = "Sluice: relay of progress"

    @api.model
    def _run(self):
        """Relays until nothing runs or the time is up; then wakes itself if there is
        more to come.

        Run by a scheduled action, which Odoo starts once at a time. Commits on its way,
        since screens get nothing before.
        """
        try:
            client = Client(self.env)
        except UserError:
            return  # no server is set
        try:
            self._catch_up(client)
            if self._open_jobs():
                self._follow(client)
        except UniqueViolation:
            # A job that is begun here gets its screen just now: it is there the next
            # time.
            self.env.cr.rollback()
            self._wake()
            return
        except ServerError as error:
            if error.is_away:
                _logger.info("the relay rests: %s", error)
                self._wake(seconds=10)
            else:
                _logger.warning("no progress is relayed: %s", error)
            return
        if self._open_jobs():
            self._wake()

    @api.model
    def _catch_up(self, client):
        """Takes over what happened while no relay ran."""
        told = {job["id"]: job for job in client.jobs()["jobs"]}
        for job in self._open_jobs():
            if job.server_id not in told:
                try:
                    told[job.server_id] = client.job(job.server_id)
                except ServerError as error:
                    if error.reason != "JOB_NOT_FOUND":
                        raise
                    job._say(error, state="failed", finished_at=fields.Datetime.now())
                    job._tell_screens()
        for one in reversed(told.values()):
            job = self._screen_of(client, one)
            if one["last_seq"] > job.seq or not job.server_id:
                job._show(one)
                job._tell_screens()
        # Screens hear nothing before.
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _follow(self, client):
        """Carries events over while jobs run."""
        news, paces, written, stands = {}, {}, time.monotonic(), False
        end, is_urgent, rest = written + RUN_SECONDS, False, PAUSE_SECONDS
        try:
            for message in client.watch(
                deadline=RUN_SECONDS + 5, heartbeat=HEARTBEAT_SECONDS
            ):
                if not stands:
                    # The stream tells of unfinished jobs: one that ended before it
                    # stood would seem to run on.
                    self._catch_up(client)
                    stands = True
                if message.get("snapshot"):
                    news.setdefault(message["snapshot"]["job"]["id"], []).append(
                        message
                    )
                elif message.get("event"):
                    news.setdefault(message["event"]["job_id"], []).append(message)
                is_urgent = is_urgent or _is_urgent(message)
                now = time.monotonic()
                if now - written >= (PAUSE_SECONDS if is_urgent else rest):
                    rest = self._rest()
                    self._write(client, news, paces, rest)
                    written, is_urgent = now, False
                    if now > end or not self._open_jobs():
                        return
        finally:
            self._write(client, news, paces)

    @api.model
    def _write(self, client, news, paces, silence=0):
        """Writes gathered messages to their records and tells the screens, with the
        seconds until the next time; those that another transaction hinders stay.
        """
        try:
            # Begins a new transaction, so that jobs which were made meanwhile are seen.
            self.env.cr.commit()  # pylint: disable=invalid-commit
            for server_id, messages in news.items():
                self._take(client, server_id, messages, paces)._tell_screens(silence)
            self.env.cr.commit()  # pylint: disable=invalid-commit
            news.clear()
        except (OperationalError, UniqueViolation) as error:
            self.env.cr.rollback()
            _logger.debug("progress is written again in a moment: %s", error)

    @api.model
    def _take(self, client, server_id, messages, paces):
        """Writes messages of one job to its record, which is returned."""
        job = self.env["sluice.job"].search([("server_id", "=", server_id)])
        for message in messages:
            if message.get("snapshot"):
                job = job or self._screen_of(client, message["snapshot"]["job"])
                job._show(message["snapshot"]["job"])
            elif job:
                event = message["event"]
                job._on_event(event)
                pace = paces.setdefault(job.id, Pace(job.rows_per_second))
                pace.tell(
                    datetime.fromisoformat(event["time"]).timestamp(),
                    event["counters"]["rows_done"],
                )
                job.rows_per_second = pace.rows_per_second
        return job

    @api.model
    def _screen_of(self, client, told):
        """The record of a server's job, made if need be: jobs are also begun by
        schedules and from the command line.
        """
        jobs = self.env["sluice.job"]
        job = jobs.search([("server_id", "=", told["id"])])
        if not job and told["request_id"]:
            job = jobs.search(
                [("uuid", "=", told["request_id"]), ("server_id", "=", False)]
            )
            if job.state == "cancelled":
                # Cancelled here when nobody knew yet that the server had it.
                told.update(client.cancel(told["id"]))
        return job or self._begun_elsewhere(client, told)

    @api.model
    def _begun_elsewhere(self, client, told):
        """Makes the record of a job that a schedule or the command line began. Addons
        say more about their kinds of jobs.
        """
        return self.env["sluice.job"].create(
            {**self._screen_values(told), "user_id": False, "company_id": False}
        )

    @api.model
    def _screen_values(self, told):
        values = {
            "title": told["title"] or told["kind"],
            "kind": told["kind"],
            "state": "queued",
            "server_id": told["id"],
            "asked_at": moment(told["created_at"]),
        }
        return values | self.env["sluice.mirror.model"]._screen_values_of(told)

    @api.model
    def _open_jobs(self):
        return self.env["sluice.job"].search(
            [("server_id", "!=", False), ("state", "not in", FINISHED)]
        )

    @api.model
    def _rest(self):
        """Seconds until rows are told of again."""
        began = [
            job.started_at
            for job in self._open_jobs()
            if job.state == "running" and job.started_at
        ]
        if not began:
            return PAUSE_SECONDS
        return pause((fields.Datetime.now() - max(began)).total_seconds(), len(began))

    @api.model
    def _wake(self, seconds=0):
        self.env.ref("sluice.ir_cron_relay")._trigger(
            fields.Datetime.now() + timedelta(seconds=seconds)
        )


def _is_urgent(message):
    """Whether this is more than rows: what begins, waits or ends is told at once."""
    event = message.get("event")
    return bool(event) and event["type"] != "EVENT_TYPE_PROGRESS"
