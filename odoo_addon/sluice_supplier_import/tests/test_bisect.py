# A row that Odoo rejects costs itself and not its batch.
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestBisect(PriceListCase):
    def rows(self, count):
        products = self.env["product.product"].create(
            [
                {"name": f"P{number}", "default_code": f"B-{number}"}
                for number in range(count)
            ]
        )
        return [
            {"default_code": product.default_code, "price": number + 1}
            for number, product in enumerate(products)
        ]

    def test_bad_rows_are_found_and_the_others_applied(self):
        rows = self.rows(33)
        rows[0]["delay"] = 2**40
        rows[17]["date_start"] = "someday"
        rows[32]["price"] = "much"
        with mute_logger("odoo.sql_db"):
            answer = self.apply(*rows)
        self.assertEqual(
            [entry[:2] for entry in answer["errors"]],
            [[row, "rejected_by_odoo"] for row in (1, 18, 33)],
        )
        self.assertEqual(len(answer["created"]), 30)
        self.assertEqual(len(self.lines()), 30)
        for _row, _code, message in answer["errors"]:
            self.assertTrue(message)
            self.assertNotIn("Traceback", message)

    def test_a_constraint_of_another_module_rejects_only_its_row(self):
        rows = self.rows(8)

        def refuse(lines):
            if any(line.price == 5 for line in lines):
                raise ValidationError("five is right out")  # pylint: disable=translation-required

        refuse._constrains = ("price",)
        lines = self.env["product.supplierinfo"]
        self.patch(
            type(lines), "_constraint_methods", [*lines._constraint_methods, refuse]
        )
        answer = self.apply(*rows)
        self.assert_outcome(
            answer, created=[1, 2, 3, 4, 6, 7, 8], errors=[[5, "rejected_by_odoo"]]
        )
        self.assertEqual(answer["errors"][0][2], "five is right out")
