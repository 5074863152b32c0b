# Sending a job: after the commit, once, and again when the server was away.
import uuid

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..wire.errors import ServerError
from ..wire.settings import TOKEN
from .real_server import RealServerCase


@tagged("post_install", "-at_install")
class TestOutbox(RealServerCase):
    def setUp(self):
        super().setUp()
        self.client = self.connect_to_absent_odoo()

    def job(self, env=None, **values):
        return (env or self.env)["sluice.job"].create(
            {
                "title": "Gates Ltd, list.csv",
                "kind": "supplier_import",
                "request": {
                    "import": {"supplier": "7", "url": "https://gates.example/list.csv"}
                },
                **values,
            }
        )

    def on_the_server(self):
        return {job["request_id"]: job for job in self.client.jobs()["jobs"]}

    def sent(self, job):
        job._send()
        return self.on_the_server().get(job.uuid)

    def assert_there(self, job):
        """A job may begin before the answer to its sending is there."""
        self.assertIn(job.state, ("queued", "running"))
        self.assertTrue(job.server_id)

    def test_a_job_is_sent_with_its_own_request_id_and_once(self):
        job = self.job()
        there = self.sent(job)
        self.assertEqual(job.server_id, there["id"])
        self.assert_there(job)
        job.state = "sending"  # as when the answer was lost
        self.sent(job)
        self.assertEqual(len(self.on_the_server()), 1)

    def test_a_list_goes_before_its_job(self):
        attachment = self.env["ir.attachment"].create(
            {"name": "list.csv", "raw": b"EAN;Prijs\n8710000000017;1,50\n"}
        )
        job = self.job(
            attachment_id=attachment.id,
            request={
                "import": {
                    "supplier": "7",
                    "mapping": [
                        {"column": "EAN", "field": "LIST_FIELD_BARCODE"},
                        {"column": "Prijs", "field": "LIST_FIELD_PRICE"},
                    ],
                }
            },
        )
        with self.env.registry.cursor() as cr:
            job.with_env(api.Environment(cr, SUPERUSER_ID, {}))._send()
        self.env.invalidate_all()
        self.assert_there(job)
        asked = self.client.asked_import(job.server_id)["import"]
        self.assertEqual(asked["upload_id"], job.request["import"]["upload_id"])

    def test_nothing_is_sent_before_the_commit_and_nothing_that_was_rolled_back(self):
        asked = str(uuid.uuid4())
        before = self.env.cr.postcommit
        with self.assertRaises(UserError), self.env.registry.cursor() as cr:
            self.job(api.Environment(cr, SUPERUSER_ID, {}), uuid=asked)
            self.assertTrue(cr.postcommit, "it would be sent after the commit")
            self.assertNotIn(asked, self.on_the_server())
            raise UserError("something else went wrong")  # pylint: disable=translation-required
        cr.postcommit.run()
        self.assertNotIn(asked, self.on_the_server())
        self.assertIs(self.env.cr.postcommit, before)

    def test_what_is_committed_is_sent(self):
        job = self.job()
        # A test's own cursor is never committed, but what would run then can be run.
        self.env.cr.flush()
        self.env.cr.postcommit.run()
        self.env.invalidate_all()
        self.assert_there(job)
        self.assertIn(job.uuid, self.on_the_server())

    def test_a_server_that_was_away_gets_the_job_later(self):
        job = self.job()
        self.server.stop()
        try:
            job._send()
            self.assertEqual(job.state, "sending")
            self.assertIn("does not answer", job.message)
        finally:
            self.server.start()
        self.env.ref("sluice.ir_cron_send").method_direct_trigger()
        self.env.invalidate_all()
        self.assert_there(job)
        self.assertEqual(list(self.on_the_server()), [job.uuid])

    def test_a_job_waits_for_somebody_to_connect(self):
        job = self.job()
        self.env["ir.config_parameter"].set_param(TOKEN, "slu_conn_revoked")
        job._send()
        self.assertEqual(job.state, "sending")
        self.assertIn("connect again", job.message)

    def test_what_the_server_refuses_is_not_sent_again(self):
        job = self.job(
            request={
                "import": {"supplier": "", "url": "https://gates.example/list.csv"}
            }
        )
        job._send()
        self.assertEqual(job.state, "failed")
        self.assertIn("contact's id", job.message)

    def test_a_job_is_paused_resumed_and_cancelled(self):
        job = self.job()
        self.sent(job)
        job.action_pause()
        self.assertIn(job.state, ("paused", "running", "queued"))
        self.until(self.client, job.server_id, "PAUSED")
        job.action_resume()
        self.until(self.client, job.server_id, "RESUMED")
        job.action_cancel()
        self.until(self.client, job.server_id, "CANCELLED")
        with self.assertRaises(ServerError) as caught:
            job.action_pause()
        self.assertEqual(caught.exception.reason, "JOB_STATE")

    def test_a_user_without_rights_is_refused_over_json_2(self):
        job = self.job()
        with mute_logger("odoo.http"):
            answer = self.url_open(
                "/json/2/sluice.job/action_cancel",
                json={"ids": job.ids},
                headers={"Authorization": "Bearer of nothing"},
            )
        self.assertEqual(answer.status_code, 401)
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger",
                "group_ids": [
                    (6, 0, self.env.ref("base.group_user").ids),
                ],
            }
        )
        key = (
            self.env["res.users.apikeys"]
            .with_user(stranger)
            .sudo()
            ._generate("rpc", "test", None)
        )
        for model, method, arguments in (
            ("sluice.job", "action_cancel", {"ids": job.ids}),
            ("sluice.job", "action_retry", {"ids": job.ids}),
            ("sluice.job", "read", {"ids": job.ids}),
            ("sluice.api", "describe", {"context": {}}),
        ):
            with self.subTest(f"{model}.{method}"), mute_logger("odoo.http"):
                answer = self.url_open(
                    f"/json/2/{model}/{method}",
                    json=arguments,
                    headers={"Authorization": f"Bearer {key}"},
                )
                self.assertEqual(answer.status_code, 403, answer.text)
        self.assertEqual(job.state, "sending")
