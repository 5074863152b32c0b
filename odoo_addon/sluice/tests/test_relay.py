# The relay: from the server's stream to records and screens.
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models import sluice_relay
from ..wire.errors import ServerError
from .test_job import event

CLIENT = "odoo.addons.sluice.models.sluice_relay.Client"


def told(server_id, state="RUNNING", seq=1, request_id="", done=0):
    return {
        "id": server_id, "kind": "supplier_import", "title": "Gates Ltd", "state": f"JOB_STATE_{state}", "last_seq": seq,
        "request_id": request_id, "started_at": "2026-03-01T08:00:00Z", "finished_at": None, "waiting_reason": "", "error": None,
        "counters": {
            "rows_total": 400, "rows_done": done, "created": done, "updated": 0, "unchanged": 0, "skipped": 0, "errors": 0,
        },
    }


@tagged("post_install", "-at_install")
class TestRelay(TransactionCase):
    def setUp(self):
        super().setUp()
        # Every message is written at once, so that each can be looked at.
        self.patch(sluice_relay, "PAUSE_SECONDS", 0)
        self.env["sluice.job"].search([]).unlink()
        self.job = self.env["sluice.job"].create({
            "title": "Gates Ltd", "kind": "supplier_import", "state": "queued", "server_id": "0199", "request": {"import": {}},
        })
        self.sent = []
        self.patch(
            type(self.env["bus.bus"]), "_sendone",
            lambda _bus, channel, kind, message: self.sent.append((channel, kind, message)),
        )

    @contextmanager
    def server(self, known=(), stream=(), **further):
        """A server that tells these jobs and this stream; a transaction of a test may not be committed."""
        with patch(CLIENT) as client, patch.object(self.env.cr, "commit", self.env.flush_all):
            client.return_value.jobs.return_value = {"jobs": list(known)}
            client.return_value.watch.return_value = iter(stream)
            for name, value in further.items():
                getattr(client.return_value, name).configure_mock(**value)
            yield client.return_value

    def run_relay(self):
        self.env["sluice.relay"]._run()

    def triggers(self):
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.env.ref("sluice.ir_cron_relay").id)])

    def test_events_reach_the_record_and_the_screens(self):
        stream = [
            {"snapshot": {"job": told("0199")}},
            {"event": {**event(2, "PROGRESS", 100, created=100), "job_id": "0199"}},
            {"heartbeat": {}},
            {"event": {**event(3, "PROGRESS", 300, created=300), "job_id": "0199"}},
            {"event": {**event(4, "SUCCEEDED", 400, created=400), "job_id": "0199"}},
        ]
        before = self.triggers()
        with self.server([told("0199")], stream):
            self.run_relay()
        self.assertEqual((self.job.state, self.job.created_count, self.job.rows_per_second), ("succeeded", 400, 150))
        done = [message["rows_done"] for _channel, kind, message in self.sent if kind == "sluice.job/changed"]
        self.assertEqual(sorted(set(done)), [0, 100, 300, 400])
        self.assertEqual({channel for channel, *_rest in self.sent}, {(self.env.company, "sluice.job")})
        self.assertEqual(self.triggers(), before, "nothing runs: the relay may sleep")

    def test_the_relay_wakes_itself_while_jobs_run(self):
        before = self.triggers()
        with self.server([told("0199")], [{"snapshot": {"job": told("0199", seq=2, done=100)}}]):
            self.run_relay()
        self.assertEqual(self.job.rows_done, 100)
        self.assertEqual(self.triggers(), before + 1)

    def test_what_ended_while_no_relay_ran_is_made_up_for(self):
        with self.server([], job={"return_value": told("0199", "SUCCEEDED", 9, done=400)}) as client:
            self.run_relay()
        self.assertEqual((self.job.state, self.job.rows_done), ("succeeded", 400))
        client.watch.assert_not_called()

    def test_a_job_that_the_server_lost_does_not_run_for_ever(self):
        with self.server([], job={"side_effect": ServerError("The server does not know this job.", "JOB_NOT_FOUND")}):
            self.run_relay()
        self.assertEqual(self.job.state, "failed")

    def test_jobs_begun_elsewhere_get_a_screen_for_managers(self):
        with self.server([told("0200", "SUCCEEDED", 4, done=400), told("0199", "SUCCEEDED", 9)]):
            self.run_relay()
        other = self.env["sluice.job"].search([("server_id", "=", "0200")])
        self.assertEqual((other.title, other.state, other.created_count), ("Gates Ltd", "succeeded", 400))
        self.assertFalse(other.user_id or other.company_id)
        self.assertIn(self.env.ref("sluice.group_manager"), {channel for channel, *_rest in self.sent})

    def test_a_job_whose_answer_was_lost_is_known_by_its_request(self):
        self.job.write({"state": "sending", "server_id": False})
        with self.server([told("0201", "SUCCEEDED", 4, self.job.uuid, 400)]):
            self.run_relay()
        self.assertEqual((self.job.server_id, self.job.state), ("0201", "succeeded"))

    def test_a_job_that_was_cancelled_before_its_answer_came_is_cancelled_there(self):
        self.job.write({"state": "cancelled", "server_id": False})
        cancelled = told("0201", "CANCELLED", 5, self.job.uuid)
        with self.server([told("0201", "RUNNING", 4, self.job.uuid)], cancel={"return_value": cancelled}) as client:
            self.run_relay()
        client.cancel.assert_called_once_with("0201")
        self.assertEqual(self.job.state, "cancelled")

    def test_a_server_that_is_away_is_asked_again_soon(self):
        before = self.triggers()
        with self.server() as client:
            client.jobs.side_effect = ServerError("The server does not answer.", "UNREACHABLE")
            self.run_relay()
        self.assertEqual(self.triggers(), before + 1)
        self.assertEqual(self.job.state, "queued")
