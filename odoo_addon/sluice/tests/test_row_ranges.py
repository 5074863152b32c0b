# Ranges of rows that are not covered yet.
from odoo.tests import BaseCase, tagged

from ..row_ranges import uncovered


@tagged("post_install", "-at_install")
class TestRowRanges(BaseCase):
    def test_gaps_are_what_no_range_holds(self):
        for covered, expected in (
            ([], [(1, 10)]),
            ([(1, 10)], []),
            ([(0, 99)], []),
            ([(1, 4)], [(5, 10)]),
            ([(7, 20)], [(1, 6)]),
            ([(8, 9), (3, 4)], [(1, 2), (5, 7), (10, 10)]),
            ([(2, 6), (4, 8)], [(1, 1), (9, 10)]),
            ([(11, 20)], [(1, 10)]),
        ):
            with self.subTest(covered=covered):
                self.assertEqual(uncovered(1, 10, covered), expected)
