# The ledger lets each row of a job be claimed once.
import uuid

from psycopg2.errors import ExclusionViolation

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..outcomes import Outcomes


@tagged("post_install", "-at_install")
class TestLedger(TransactionCase):
    def setUp(self):
        super().setUp()
        self.fence = self.new_fence()

    def new_fence(self):
        return self.env["sluice.fence"]._enter(
            str(uuid.uuid4()), 1, "supplier 1", self.env.company
        )[0]

    def claim(self, first, last, fence=None):
        return self.env["sluice.ledger"]._claim(fence or self.fence, first, last)

    def test_only_open_rows_are_claimed(self):
        claimed, known = self.claim(1, 10)
        outcomes = Outcomes()
        outcomes.add("created", 3)
        outcomes.add("errors", 8, "unknown_uom", "no such unit")
        claimed._settle(outcomes)
        claimed, known = self.claim(5, 20)
        self.assertEqual(
            [(entry.first_row, entry.last_row) for entry in claimed], [(11, 20)]
        )
        self.assertEqual(known.lists["errors"], [[8, "unknown_uom", "no such unit"]])
        self.assertEqual(known.lists["created"], [], "row 3 was not asked for")

    def test_jobs_do_not_share_rows(self):
        self.claim(1, 10)
        claimed, _known = self.claim(1, 10, self.new_fence())
        self.assertEqual(
            [(entry.first_row, entry.last_row) for entry in claimed], [(1, 10)]
        )

    def test_the_database_refuses_overlapping_ranges(self):
        self.claim(1, 10)
        with (
            self.assertRaises(ExclusionViolation),
            self.env.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            self.env["sluice.ledger"].create(
                {"fence_id": self.fence.id, "first_row": 10, "last_row": 12}
            )
