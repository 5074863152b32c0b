# A job that began with the old key ends with it: the key goes when nothing runs any
# more.
import socket
from contextlib import closing, contextmanager
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.sluice.wire import Client
from odoo.addons.sluice.wire.settings import CONNECTION

from .upload_case import UploadCase


@tagged("post_install", "-at_install")
class TestRenewalWhileRunning(UploadCase):
    def renew(self):
        self.env["sluice.connection"]._renew_key()
        self.env.invalidate_all()
        return self.env["sluice.connection"]._keys()

    @contextmanager
    def running(self):
        """A job runs: it waits for a web shop that says nothing."""
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/list.csv"
            job = self.client.enqueue_import(
                {"supplier": str(self.supplier.id), "url": url}, ""
            )
            self.until(self.client, job["id"], "STARTED")
            yield
            client = Client(self.env)
            client.cancel(job["id"])
        self.until(client, job["id"], "CANCELLED", "FAILED")

    def test_the_old_key_stays_while_a_job_runs(self):
        expires = fields.Datetime.now() + timedelta(days=3)
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = %s", (expires,)
        )
        with self.running():
            self.assertEqual(len(self.renew()), 2)
            self.assertEqual(
                len(self.renew()), 2, "there is nothing to renew, and something to wait"
            )
        self.assertEqual(len(self.renew()), 1)

    def test_connecting_again_leaves_a_running_job_its_key(self):
        keys = self.env["sluice.connection"]._keys
        first = keys()
        name = self.env["ir.config_parameter"].get_param(CONNECTION)
        cron = self.env.ref("sluice.ir_cron_renew_key")
        looks = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        with self.running():
            self.connecting(sluice_connection_name=name).action_sluice_connect()
            self.env.invalidate_all()
            self.assertEqual(len(keys()), 2)
            self.assertIn(first, keys())
            self.assertGreater(
                self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]),
                looks,
                "somebody looks again soon",
            )
        newest = keys()[0]
        self.assertEqual(self.renew(), newest)
        self.assertEqual(Client(self.env).test_connection()["user"], "sluice_service")
