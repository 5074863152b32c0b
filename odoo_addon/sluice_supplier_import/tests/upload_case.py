# The stage of the screens' tests: a purchaser, a supplier, products, lists, and a real
# server that reads them.
from odoo import SUPERUSER_ID, api
from odoo.tests import new_test_user

from odoo.addons.sluice.models import sluice_relay
from odoo.addons.sluice.tests.real_server import RealServerCase

LIST = (
    "EAN;Inkoopprijs;Omschrijving\r\n"
    "8710000000017;1,50;Moer né 8\r\n"
    "8710000000024;2,50;Bout\r\n"
).encode("cp1252")
# A price of which nobody can say whether it is with tax.
ASKED = LIST.replace(b"Inkoopprijs", b"Prijs")
# One row is good, one names no product, one has no price that could be read.
FAULTY = (
    b"EAN;Inkoopprijs\r\n"
    b"8710000000017;1,50\r\n"
    b"8710000000031;2,50\r\n"
    b"8710000000024;abc\r\n"
)


class UploadCase(RealServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {"name": "De Groothandel", "is_company": True, "supplier_rank": 1}
        )
        cls.purchaser = new_test_user(
            cls.env,
            "sluice_test_purchaser",
            groups="base.group_user,purchase.group_purchase_user,sluice.group_user",
        )
        cls.nut, cls.bolt = cls.env["product.product"].create(
            [
                {"name": "Nut", "barcode": "8710000000017"},
                {"name": "Bolt", "barcode": "8710000000024"},
            ]
        )

    def setUp(self):
        super().setUp()
        self.client = self.connect()

    def file(self, content=LIST, name="prices.csv", user=None):
        """A list that arrived from the user's browser."""
        files = self.env["supplier.import.file"].with_user(user or self.purchaser)
        return files._begin(name, len(content), content).sudo(False)

    def upload(self, content=LIST, **values):
        return (
            self.env["supplier.import.upload"]
            .with_user(self.purchaser)
            .create(
                {
                    "partner_id": self.supplier.id,
                    "file_id": self.file(content).id if content else False,
                    **values,
                }
            )
        )

    def started(self, content=LIST, **values):
        """An import as the purchaser started it, not yet sent."""
        upload = self.upload(content, **values)
        upload.action_read()
        upload.action_import()
        return upload.import_id

    def send(self, record):
        """Sends the record's job, as Odoo does after the commit."""
        record.sudo().job_id._send()

    def run_to_end(self, record):
        """Sends the import, lets it run in this Odoo, and relays what became of it."""
        job = record.sudo().job_id
        if job.state == "sending":
            self.send(record)
        self.assertTrue(job.server_id, job.message)
        self.until(self.client, job.server_id, "SUCCEEDED", "FAILED", "CANCELLED")
        self.relay()
        return record

    def relay(self):
        self.patch(sluice_relay, "RUN_SECONDS", 1)
        self.env.flush_all()
        with self.env.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["sluice.relay"]._run()
        self.env.invalidate_all()

    def imported(self, content=LIST, **values):
        """An import that is over."""
        return self.run_to_end(self.started(content, **values))

    def lines(self):
        self.env.invalidate_all()
        return self.env["product.supplierinfo"].search(
            [("partner_id", "=", self.supplier.id)], order="id"
        )
