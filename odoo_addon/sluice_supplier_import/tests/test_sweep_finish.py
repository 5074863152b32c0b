# Lines that the list no longer names, and the end of a run.
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestSweepFinish(PriceListCase):
    def setUp(self):
        super().setUp()
        self.washer = self.product("Washer", "8710000000031", "WASHER")
        self.apply(
            {"barcode": self.bolt.barcode, "price": 1},
            {"barcode": self.nut.barcode, "price": 2},
        )
        # One test is one transaction with one time, so the run before is set back.
        self.lines().last_sync_date = self.env.cr.now() - timedelta(microseconds=1)
        self.new_run()
        self.apply(
            {"barcode": self.bolt.barcode, "price": 1},
            {"barcode": self.washer.barcode, "price": 3},
        )
        self.stale = self.lines().filtered(
            lambda line: line.product_tmpl_id == self.nut.product_tmpl_id
        )

    def sweep(self, policy="end_date", limit=100, dry_run=False, **options):
        answer = self.batch.sweep(
            job=self.job,
            attempt=1,
            supplier=self.supplier.id,
            options=options,
            policy=policy,
            limit=limit,
            dry_run=dry_run,
        )
        self.env.invalidate_all()
        return answer

    def test_a_dry_run_counts(self):
        answer = self.sweep("delete", dry_run=True)
        self.assertEqual(
            answer,
            {
                "status": "applied",
                "total_lines": 3,
                "stale_lines": 1,
                "swept": 0,
                "remaining": 1,
            },
        )
        self.assertEqual(len(self.lines()), 3)

    def test_lines_the_run_did_not_name_end_the_day_before_it(self):
        answer = self.sweep()
        self.assertEqual(
            (answer["stale_lines"], answer["swept"], answer["remaining"]), (1, 1, 0)
        )
        yesterday = self.env.cr.now().date() - timedelta(days=1)
        self.assertEqual(self.lines().filtered("date_end"), self.stale)
        self.assertEqual(self.stale.date_end, yesterday)
        self.assertEqual(
            self.sweep()["stale_lines"], 0, "a line that has ended is left alone"
        )

    def test_they_can_be_deleted_a_few_at_a_time(self):
        self.env["product.supplierinfo"].create(
            [
                {
                    "partner_id": self.supplier.id,
                    "product_tmpl_id": self.bolt.product_tmpl_id.id,
                    "price": 1,
                    "min_qty": quantity,
                }
                for quantity in (2, 3, 4)
            ]
        )
        answers = [self.sweep("delete", limit=3) for _ in range(3)]
        self.assertEqual(
            [(answer["swept"], answer["remaining"]) for answer in answers],
            [(3, 1), (1, 0), (0, 0)],
        )
        self.assertEqual(len(self.lines()), 2)

    def test_a_line_that_only_begins_later_ends_when_it_begins(self):
        start = self.env.cr.now().date() + timedelta(days=30)
        self.stale.date_start = start
        self.sweep()
        self.assertEqual(self.stale.date_end, start)
        self.assertEqual(self.sweep()["stale_lines"], 0)

    def test_other_suppliers_and_companies_are_not_swept(self):
        other = self.env["res.partner"].create({"name": "Other"})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["product.supplierinfo"].create(
            [
                {
                    "partner_id": other.id,
                    "product_tmpl_id": self.bolt.product_tmpl_id.id,
                    "price": 1,
                },
                {
                    "partner_id": self.supplier.id,
                    "product_tmpl_id": self.bolt.product_tmpl_id.id,
                    "price": 1,
                    "company_id": company.id,
                },
            ]
        )
        self.assertEqual(self.sweep("delete")["swept"], 1)

    def test_policy_and_limit_are_checked(self):
        for arguments in ({"policy": "keep"}, {"limit": 0}, {"limit": "many"}):
            with self.subTest(arguments), self.assertRaises(UserError):
                self.sweep(**arguments)

    def test_a_clean_run_dates_the_supplier(self):
        self.assertEqual(self.finish(clean=True), {"status": "applied"})
        fence = self.env["sluice.fence"].search([("job", "=", self.job)])
        self.assertEqual(self.supplier.last_sync_date, fence.started_at)

    def test_a_run_with_row_errors_does_not(self):
        self.assertEqual(self.finish(clean=False), {"status": "applied"})
        self.assertFalse(self.supplier.last_sync_date)

    def test_finishing_again_after_a_lost_answer_is_good(self):
        self.finish(clean=True)
        self.assertEqual(self.finish(clean=True), {"status": "applied"})
        self.assertEqual(self.sweep("delete")["status"], "stale_attempt")

    def test_a_late_attempt_may_neither_sweep_nor_finish(self):
        self.apply(
            {"row": 9, "barcode": self.bolt.barcode, "min_qty": 9, "price": 1},
            attempt=2,
        )
        self.assertEqual(self.sweep("delete")["status"], "stale_attempt")
        self.assertEqual(self.finish(clean=True), {"status": "stale_attempt"})
        self.assertTrue(self.stale.exists())
        self.assertFalse(self.supplier.last_sync_date)

    def finish(self, clean):
        answer = self.batch.finish(
            job=self.job, attempt=1, supplier=self.supplier.id, clean=clean
        )
        self.env.invalidate_all()
        return answer
