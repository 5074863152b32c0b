# What becomes of rows whose product Odoo does not have.
from odoo.tests import tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestUnknownProducts(PriceListCase):
    row = {
        "barcode": "8710000077771",
        "default_code": "NEW-1",
        "product_code": "S-77",
        "price": 3,
    }

    def test_it_is_an_error_unless_told_otherwise(self):
        answer = self.apply(self.row, {"price": 1})
        self.assert_outcome(
            answer, errors=[[1, "product_not_found"], [2, "product_not_found"]]
        )
        self.assertIn("8710000077771", answer["errors"][0][2])

    def test_it_can_be_skipped(self):
        answer = self.apply(
            self.row, {"barcode": self.bolt.barcode, "price": 1}, unknown="skip"
        )
        self.assert_outcome(answer, created=[2], skipped=[[1, "unknown_product"]])

    def test_it_can_be_created_once_for_all_its_tiers(self):
        answer = self.apply(
            {**self.row, "name": "New thing", "weight": 0.5},
            {**self.row, "min_qty": 10, "price": 2},
            unknown="create",
        )
        self.assert_outcome(answer, created=[1, 2])
        product = self.env["product.product"].search(
            [("barcode", "=", "8710000077771")]
        )
        self.assertRecordValues(
            product, [{"name": "New thing", "default_code": "NEW-1", "weight": 0.5}]
        )
        self.assertEqual(
            self.lines().mapped("product_tmpl_id"), product.product_tmpl_id
        )
        self.new_run()
        self.assert_outcome(self.apply(self.row, unknown="create"), unchanged=[1])

    def test_a_row_without_any_code_is_not_created(self):
        answer = self.apply({"name": "Nameless", "price": 1}, unknown="create")
        self.assert_outcome(answer, errors=[[1, "product_not_found"]])

    def test_a_barcode_that_a_packaging_has_is_taken(self):
        self.env["product.uom"].create(
            {
                "product_id": self.bolt.id,
                "uom_id": self.env.ref("uom.product_uom_dozen").id,
                "barcode": "8710000077771",
            }
        )
        answer = self.apply(
            self.row, {"barcode": self.nut.barcode, "price": 1}, unknown="create"
        )
        self.assert_outcome(answer, created=[2], errors=[[1, "barcode_taken"]])
        self.assertIn("Bolt", answer["errors"][0][2])
