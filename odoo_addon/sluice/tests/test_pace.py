# How the speed of a job is told from what it said lately.
from odoo.tests import BaseCase, tagged

from ..pace import Pace, pause


@tagged("post_install", "-at_install")
class TestPace(BaseCase):
    def test_speed_is_rows_over_time(self):
        pace = Pace()
        for second in range(5):
            pace.tell(second, 200 * second)
        self.assertEqual(pace.rows_per_second, 200)

    def test_what_was_long_ago_does_not_count(self):
        pace = Pace()
        for second in range(40):
            pace.tell(second, min(second, 20) * 100)
        self.assertEqual(pace.rows_per_second, 0)

    def test_a_speed_from_before_holds_until_enough_was_told(self):
        pace = Pace(rows_per_second=70)
        pace.tell(0, 5)
        pace.tell(0.2, 500)
        self.assertEqual(pace.rows_per_second, 70)

    def test_a_job_that_begins_anew_is_not_slow(self):
        pace = Pace()
        pace.tell(0, 1000)
        pace.tell(2, 0)
        pace.tell(4, 300)
        self.assertEqual(pace.rows_per_second, 150)

    def test_a_long_job_is_told_less_often_than_a_short_one(self):
        self.assertEqual(
            [pause(seconds) for seconds in (0, 4.9, 5, 20, 600)],
            [0.25, 0.25, 0.5, 1, 2],
        )

    def test_several_jobs_cost_the_screens_no_more_than_one(self):
        self.assertEqual(
            [pause(0, jobs) for jobs in (0, 1, 4, 90)], [0.25, 0.25, 1, 10]
        )
        self.assertEqual(pause(600, 3), 6)
