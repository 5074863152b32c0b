# The relay: from the server's stream to records and screens.
import uuid
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from ..models import sluice_relay
from .real_server import RealServerCase


@tagged("post_install", "-at_install")
class TestRelay(RealServerCase):
    def setUp(self):
        super().setUp()
        # Every message is written at once, so that each can be looked at.
        self.patch(sluice_relay, "PAUSE_SECONDS", 0)
        self.client = self.connect_to_absent_odoo()
        self.sent = []
        self.patch(
            type(self.env["bus.bus"]),
            "_sendone",
            lambda _bus, channel, kind, message: self.sent.append(
                (channel, kind, message)
            ),
        )

    def enqueued(self, request_id=""):
        """A job that runs and waits: its Odoo does not answer."""
        pieces = [b"EAN;Prijs\n8710000000017;1,50\n8710000000024;2,50\n"]
        job = self.client.enqueue_import(
            {
                "supplier": "7",
                "upload_id": self.client.upload("list.csv", pieces)["upload_id"],
                "mapping": [
                    {"column": "EAN", "field": "LIST_FIELD_BARCODE"},
                    {"column": "Prijs", "field": "LIST_FIELD_PRICE"},
                ],
            },
            request_id,
        )
        self.until(self.client, job["id"], "WAITING")
        return job

    def screen(self, **values):
        return self.env["sluice.job"].create(
            {
                "title": "Gates Ltd",
                "kind": "supplier_import",
                "state": "queued",
                "request": {"import": {}},
                **values,
            }
        )

    def run_relay(self, seconds=2):
        self.patch(sluice_relay, "RUN_SECONDS", seconds)
        self.env.flush_all()
        with self.env.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["sluice.relay"]._run()
        self.env.invalidate_all()

    def triggers(self):
        return self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.env.ref("sluice.ir_cron_relay").id)]
        )

    def test_a_waiting_job_shows_what_it_waits_for_and_the_relay_wakes_itself(self):
        job = self.screen(server_id=self.enqueued()["id"])
        before = self.triggers()
        self.run_relay()
        self.assertEqual(
            (job.state, job.code, job.rows_total), ("running", "odoo_away", 2)
        )
        self.assertIn("Odoo does not answer", job.message)
        self.assertEqual(self.triggers(), before + 1)
        shown = [
            message
            for _channel, kind, message in self.sent
            if kind == "sluice.job/changed"
        ]
        self.assertEqual(
            (shown[-1]["state"], shown[-1]["seq"], shown[-1]["message"]),
            (job.state, job.seq, job.message),
        )
        self.assertEqual(
            {channel for channel, *_rest in self.sent}, {(job.company_id, "sluice.job")}
        )

    def test_events_of_a_stream_reach_the_record_until_the_job_ends(self):
        job = self.screen(server_id=self.enqueued()["id"])
        # The relay first takes over the present state; the end comes while it listens.
        cancelled = []
        follow = type(self.env["sluice.relay"])._follow

        def cancel_and_follow(relay, client):
            cancelled.append(self.client.cancel(job.server_id))
            return follow(relay, client)

        self.patch(type(self.env["sluice.relay"]), "_follow", cancel_and_follow)
        before = self.triggers()
        self.run_relay(seconds=30)
        self.assertTrue(cancelled)
        self.assertEqual(job.state, "cancelled")
        self.assertTrue(job.finished_at)
        self.assertEqual(self.triggers(), before, "nothing runs: the relay may sleep")

    def test_what_ended_while_no_relay_ran_is_made_up_for(self):
        there = self.enqueued()
        job = self.screen(server_id=there["id"])
        self.client.cancel(there["id"])
        self.until(self.client, there["id"], "CANCELLED")
        self.run_relay()
        self.assertEqual((job.state, job.rows_total), ("cancelled", 2))

    def test_a_job_that_the_server_lost_does_not_run_for_ever(self):
        job = self.screen(server_id=str(uuid.uuid4()))
        self.run_relay()
        self.assertEqual((job.state, job.code), ("failed", "JOB_NOT_FOUND"))

    def test_a_job_whose_answer_was_lost_is_known_by_its_request(self):
        job = self.screen(state="sending")
        there = self.enqueued(job.uuid)
        self.run_relay()
        self.assertEqual((job.server_id, job.state), (there["id"], "running"))

    def test_a_job_that_was_cancelled_before_its_answer_came_is_cancelled_there(self):
        job = self.screen(state="cancelled")
        there = self.enqueued(job.uuid)
        self.run_relay()
        self.until(self.client, there["id"], "CANCELLED")
        self.run_relay()
        self.assertEqual(job.state, "cancelled")

    def test_a_screen_that_is_made_elsewhere_meanwhile_is_found_by_the_next_run(self):
        job = self.screen(server_id=self.enqueued()["id"])
        before = self.triggers()
        with patch.object(
            type(self.env["sluice.relay"]), "_screen_of", side_effect=UniqueViolation
        ):
            self.run_relay()
        self.assertEqual(self.triggers(), before + 1)
        self.run_relay()
        self.assertGreater(job.seq, 0)
        # The server runs so many jobs at once and no more: other tests need room.
        self.client.cancel(job.server_id)

    def test_a_server_that_is_away_is_asked_again_soon(self):
        job = self.screen(server_id=self.enqueued()["id"])
        before = self.triggers()
        self.server.stop()
        try:
            self.run_relay()
        finally:
            self.server.start()
        self.assertEqual(self.triggers(), before + 1)
        self.assertEqual(job.state, "queued")
        self.run_relay()
        self.assertIn(job.state, ("queued", "running"))
        self.assertGreater(job.seq, 0)
