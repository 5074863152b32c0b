# A job that began with the old key ends with it: the key goes when nothing runs any more.
import socket
from contextlib import closing
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .upload_case import UploadCase


@tagged("post_install", "-at_install")
class TestRenewalWhileRunning(UploadCase):
    def renew(self):
        self.env["sluice.connection"]._renew_key()
        self.env.invalidate_all()
        return self.env["sluice.connection"]._keys()

    def test_the_old_key_stays_while_a_job_runs(self):
        expires = fields.Datetime.now() + timedelta(days=3)
        self.env.cr.execute("UPDATE res_users_apikeys SET expiration_date = %s", (expires,))
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/list.csv"
            job = self.client.enqueue_import({"supplier": str(self.supplier.id), "url": url}, "")
            self.until(self.client, job["id"], "STARTED")
            self.assertEqual(len(self.renew()), 2)
            self.assertEqual(len(self.renew()), 2, "there is nothing to renew, and something to wait for")
            self.client.cancel(job["id"])
        self.until(self.client, job["id"], "CANCELLED", "FAILED")
        self.assertEqual(len(self.renew()), 1)
