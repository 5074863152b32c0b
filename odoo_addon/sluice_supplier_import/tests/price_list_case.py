# The stage of the import's tests: a supplier, products, the service user, and one
# function that applies rows.
import uuid

from odoo.tests import TransactionCase, new_test_user


class PriceListCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {"name": "De Groothandel", "ref": "GH-1"}
        )
        cls.service = new_test_user(
            cls.env, "sluice_test_service", groups="sluice.group_service"
        )
        cls.batch = cls.env["sluice.supplier.batch"].with_user(cls.service)
        cls.bolt = cls.product("Bolt", "8710000000017", "BOLT")
        cls.nut = cls.product("Nut", "8710000000024", "NUT")

    @classmethod
    def product(cls, name, barcode=False, code=False, **values):
        return cls.env["product.product"].create(
            {"name": name, "barcode": barcode, "default_code": code, **values}
        )

    def setUp(self):
        super().setUp()
        self.job = str(uuid.uuid4())

    def new_run(self):
        self.job = str(uuid.uuid4())

    def apply(self, *rows, attempt=1, first=None, last=None, supplier=None, **options):
        """Applies rows, numbered from 1 if they have no number, as the service user."""
        rows = [{"row": number, **row} for number, row in enumerate(rows, 1)]
        answer = self.batch.apply_batch(
            job=self.job,
            attempt=attempt,
            first_row=first or min(row["row"] for row in rows),
            last_row=last or max(row["row"] for row in rows),
            supplier=(supplier or self.supplier).id,
            options=options,
            rows=rows,
        )
        self.env.invalidate_all()
        return answer

    def lines(self):
        return self.env["product.supplierinfo"].search(
            [("partner_id", "=", self.supplier.id)], order="id"
        )

    def assert_outcome(self, answer, **expected):
        """The lists of the answer, empty where not named; errors are given as [row,
        code].
        """
        lists = {
            name: answer[name]
            for name in ("created", "updated", "unchanged", "skipped")
        }
        lists["errors"] = [entry[:2] for entry in answer["errors"]]
        self.assertEqual(
            {name: entries for name, entries in lists.items() if entries},
            expected,
            answer["errors"],
        )
