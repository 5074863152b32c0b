# Outcomes go into the ledger packed, and come out as they were.
from odoo.tests import BaseCase, tagged

from ..outcomes import Outcomes


@tagged("post_install", "-at_install")
class TestOutcomes(BaseCase):
    def test_runs_of_rows_are_packed_and_come_back(self):
        outcomes = Outcomes(
            {
                "created": [2, 3, 4, 9],
                "updated": [7],
                "errors": [[5, "unknown_uom", "no such unit"]],
                "skipped": [[6, "x"]],
            }
        )
        packed = outcomes.packed()
        self.assertEqual(
            (packed["created"], packed["updated"], packed["unchanged"]),
            ([[2, 4], [9, 9]], [[7, 7]], []),
        )
        self.assertEqual(Outcomes.unpacked(packed).lists, outcomes.lists)

    def test_nothing_is_nothing(self):
        self.assertEqual(Outcomes.unpacked(None).lists, Outcomes().lists)
        self.assertEqual(Outcomes.unpacked(Outcomes().packed()).lists, Outcomes().lists)
