# The fence lets one attempt in and keeps older ones out.
import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..models.sluice_fence import KEEP_DAYS


@tagged("post_install", "-at_install")
class TestFence(TransactionCase):
    def setUp(self):
        super().setUp()
        self.job = str(uuid.uuid4())

    def enter(self, attempt, scope="supplier 1", job=None):
        return self.env["sluice.fence"]._enter(
            job or self.job, attempt, scope, self.env.company
        )

    def test_an_older_attempt_is_refused(self):
        self.assertEqual(self.enter(1)[1], "entered")
        self.assertEqual(self.enter(3)[1], "entered")
        fence, status = self.enter(2)
        self.assertEqual((status, fence.attempt), ("stale_attempt", 3))
        self.assertEqual(self.enter(3)[1], "entered")

    def test_a_job_keeps_its_scope(self):
        self.enter(1)
        self.assertEqual(self.enter(2, scope="supplier 2")[1], "wrong_scope")

    def test_the_start_of_the_run_stays(self):
        started_at = self.enter(1)[0].started_at
        self.assertTrue(started_at)
        self.assertEqual(self.enter(2)[0].started_at, started_at)

    def test_a_job_is_a_uuid_and_an_attempt_a_positive_number(self):
        for job, attempt in (("seven", 1), (None, 1), (self.job, 0), (self.job, "1")):
            with self.subTest(job=job, attempt=attempt), self.assertRaises(UserError):
                self.env["sluice.fence"]._enter(
                    job, attempt, "supplier 1", self.env.company
                )

    def test_old_fences_are_dropped_and_young_ones_stay(self):
        young = self.enter(1)[0]
        old = self.enter(1, job=str(uuid.uuid4()))[0]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sluice_fence SET write_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=KEEP_DAYS + 1), old.id),
        )
        self.env.invalidate_all()
        self.env["sluice.fence"]._gc_fences()
        self.assertFalse(old.exists())
        self.assertTrue(young.exists())
