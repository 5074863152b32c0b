# Who may import price lists, and that the service user may do nothing else.
import uuid

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestAccess(PriceListCase):
    def calls(self, batch, supplier, options=None):
        run = {"job": str(uuid.uuid4()), "attempt": 1, "supplier": supplier}
        rows = [{"row": 1, "barcode": self.bolt.barcode, "price": 1}]
        return {
            "find_supplier": lambda: batch.find_supplier(reference="GH-1"),
            "apply_batch": lambda: batch.apply_batch(
                **run, first_row=1, last_row=1, options=options or {}, rows=rows
            ),
            "preview_batch": lambda: batch.preview_batch(
                supplier=supplier, options=options or {}, rows=rows
            ),
            "sweep": lambda: batch.sweep(
                **run, options=options or {}, policy="delete", limit=1, dry_run=False
            ),
            "finish": lambda: batch.finish(**run, clean=True),
        }

    def test_strangers_are_refused_by_every_method(self):
        for login, groups in (
            ("stranger", "base.group_user"),
            ("portal_stranger", "base.group_portal"),
            ("public_stranger", "base.group_public"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            for name, call in self.calls(
                self.env["sluice.supplier.batch"].with_user(user), self.supplier.id
            ).items():
                with (
                    self.subTest(login=login, method=name),
                    self.assertRaises(AccessError),
                ):
                    call()
        self.assertFalse(self.lines())

    def test_the_service_user_and_managers_may_call_every_method(self):
        manager = new_test_user(
            self.env,
            "sluice_test_manager",
            groups="base.group_user,sluice.group_manager",
        )
        for user in (self.service, manager):
            for name, call in self.calls(
                self.env["sluice.supplier.batch"].with_user(user), self.supplier.id
            ).items():
                with self.subTest(user=user.login, method=name):
                    self.assertTrue(call())

    def test_the_service_user_reads_and_writes_nothing_by_itself(self):
        self.apply({"barcode": self.bolt.barcode, "price": 1})
        for record, values in (
            (self.lines(), {"price": 0}),
            (self.bolt, {"name": "Taken"}),
            (self.supplier, {"name": "Taken"}),
            (self.env["sluice.fence"].search([], limit=1), {"attempt": 0}),
            (self.env["sluice.ledger"].search([], limit=1), {"last_row": 0}),
        ):
            record = record.with_user(self.service)
            for verb, call in (
                ("read", lambda record=record: record.read()),
                ("write", lambda record=record, values=values: record.write(values)),
                ("create", lambda record=record, values=values: record.create(values)),
                ("unlink", lambda record=record: record.unlink()),
            ):
                with (
                    self.subTest(model=record._name, verb=verb),
                    self.assertRaises(AccessError),
                ):
                    call()

    def test_the_service_user_stays_in_its_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        options = {"company_id": elsewhere.id}
        for name in ("apply_batch", "preview_batch", "sweep"):
            with self.subTest(method=name), self.assertRaises(AccessError):
                self.calls(self.batch, self.supplier.id, options)[name]()
        self.service.company_ids += elsewhere
        self.apply({"barcode": self.bolt.barcode, "price": 1}, company_id=elsewhere.id)
        self.assertEqual(self.lines().company_id, elsewhere)
