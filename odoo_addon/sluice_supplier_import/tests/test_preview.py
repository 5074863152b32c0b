# What the preview shows of the server's answer.
from odoo.tests import TransactionCase, tagged

from ..preview import MOST_PER_OUTCOME, preview_of

NO_COUNTS = {
    "rows_total": 2,
    "rows_done": 0,
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "skipped": 0,
    "errors": 0,
}


def row(number, outcome, before="", after="", code="", message=""):
    return {
        "row": number,
        "outcome": f"ROW_OUTCOME_{outcome}",
        "code": code,
        "message": message,
        "key": "8710000000017",
        "product": "Bolt",
        "price_before": before,
        "price_after": after,
    }


@tagged("post_install", "-at_install")
class TestPreview(TransactionCase):
    def preview(self, *rows, **counts):
        answer = {
            "rows": list(rows),
            "counters": NO_COUNTS | {"rows_done": len(rows)} | counts,
        }
        return preview_of(self.env, answer, self.env.ref("base.EUR"))

    def test_the_largest_price_changes_come_first(self):
        preview = self.preview(
            row(2, "UPDATED", "10", "11"),
            row(3, "UPDATED", "10", "5"),
            row(4, "UNCHANGED", "10", "10"),
            row(5, "UPDATED", "0", "5"),
            row(6, "CREATED", "", "5"),
        )
        self.assertEqual(
            [(shown["row"], shown["change"]) for shown in preview["changes"]],
            [(3, -50.0), (2, 10.0)],
        )

    def test_each_outcome_shows_its_first_rows(self):
        rows = [
            row(number, "CREATED", after="1")
            for number in range(2, 2 + 2 * MOST_PER_OUTCOME)
        ]
        preview = self.preview(
            *rows,
            row(900, "ERROR", code="product_not_found", message="no product"),
            created=80,
            errors=1,
        )
        self.assertEqual(len(preview["rows"]), MOST_PER_OUTCOME + 1)
        failed = preview["rows"][-1]
        self.assertEqual(
            (failed["outcome"], failed["reason"], failed["message"]),
            ("errors", "Product not found", "No product."),
        )
        self.assertEqual((preview["counts"]["created"], preview["looked_at"]), (80, 81))

    def test_a_price_that_is_missing_is_not_nought(self):
        self.assertIsNone(self.preview(row(2, "CREATED"))["rows"][0]["after"])
