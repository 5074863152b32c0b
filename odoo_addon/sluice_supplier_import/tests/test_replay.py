# Each row takes effect once, whoever sends it how often and in what cut.
from odoo.tests import tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestReplay(PriceListCase):
    def setUp(self):
        super().setUp()
        products = self.env["product.product"].create(
            [
                {"name": f"P{number}", "default_code": f"R-{number}"}
                for number in range(1, 13)
            ]
        )
        self.rows = [
            {"row": number, "default_code": product.default_code, "price": number}
            for number, product in enumerate(products, 1)
        ]
        self.rows[3]["default_code"] = "nobody has this"

    def send(self, first, last, attempt=1):
        return self.apply(
            *self.rows[first - 1 : last], first=first, last=last, attempt=attempt
        )

    def test_a_batch_sent_again_is_answered_from_the_ledger(self):
        first = self.send(1, 6)
        self.assertEqual((first["created"], first["replayed"]), ([1, 2, 3, 5, 6], 0))
        self.lines().price = 99
        again = self.send(1, 6)
        self.assertEqual(
            (again["created"], again["errors"], again["replayed"]),
            (first["created"], first["errors"], 6),
        )
        self.assertEqual(
            set(self.lines().mapped("price")), {99}, "a replayed row takes no effect"
        )

    def test_another_cut_applies_only_the_open_rows(self):
        self.send(1, 5)
        self.send(9, 10)
        answer = self.send(3, 12, attempt=2)
        self.assertEqual(answer["replayed"], 5)
        self.assertEqual(sorted(answer["created"]), [3, 5, 6, 7, 8, 9, 10, 11, 12])
        self.assertEqual([entry[0] for entry in answer["errors"]], [4])
        self.assertEqual(
            sorted(self.lines().mapped("price")), [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12]
        )

    def test_rows_that_were_left_out_are_inside_the_range(self):
        answer = self.apply(self.rows[1], first=1, last=6)
        self.assertEqual(answer["created"], [2])
        self.assertEqual(self.apply(self.rows[1], first=1, last=3)["replayed"], 1)

    def test_a_late_attempt_changes_nothing(self):
        self.send(1, 3, attempt=2)
        answer = self.send(4, 12, attempt=1)
        self.assertEqual(
            (answer["status"], answer["highest_attempt"]), ("stale_attempt", 2)
        )
        self.assert_outcome(answer)
        self.assertEqual(len(self.lines()), 3)

    def test_a_job_works_for_one_supplier(self):
        self.send(1, 3)
        other = self.env["res.partner"].create({"name": "Other"})
        answer = self.apply(self.rows[4], first=4, last=6, supplier=other)
        self.assertEqual(answer["status"], "wrong_supplier")
        self.assert_outcome(answer)

    def test_a_batch_that_is_still_on_its_way_after_the_end_changes_nothing(self):
        self.send(1, 3)
        self.batch.finish(
            job=self.job, attempt=1, supplier=self.supplier.id, clean=False
        )
        self.assertEqual(self.send(1, 3)["status"], "stale_attempt")
        self.assertFalse(
            self.env["sluice.ledger"].search([("fence_id.job", "=", self.job)])
        )
        self.assertEqual(
            self.send(1, 3, attempt=2)["unchanged"],
            [1, 2, 3],
            "a new attempt may go over the list again",
        )
