# Which product a row means.
from odoo.tests import tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestMatching(PriceListCase):
    def test_barcode_comes_before_code_and_code_before_the_suppliers_own(self):
        self.apply({"barcode": self.bolt.barcode, "product_code": "S-1", "price": 1})
        self.new_run()
        answer = self.apply(
            {
                "barcode": self.nut.barcode,
                "default_code": "BOLT",
                "product_code": "S-1",
                "price": 2,
            },
            {
                "barcode": "8710000088888",
                "default_code": "NUT",
                "min_qty": 2,
                "price": 3,
            },
            {"product_code": "S-1", "price": 4},
        )
        self.assert_outcome(answer, created=[1, 2], updated=[3])
        nut_lines = self.lines().filtered(
            lambda line: line.product_tmpl_id == self.nut.product_tmpl_id
        )
        self.assertEqual(sorted(nut_lines.mapped("price")), [2, 3])

    def test_the_order_of_keys_is_an_option(self):
        row = {"barcode": self.nut.barcode, "default_code": "BOLT", "price": 2}
        self.apply(row, match=["default_code"])
        self.assertEqual(self.lines().product_tmpl_id, self.bolt.product_tmpl_id)

    def test_a_code_of_two_products_is_ambiguous_and_names_both(self):
        twin = self.product("Twin bolt", code="BOLT")
        answer = self.apply(
            {"default_code": "BOLT", "price": 1},
            {"barcode": self.nut.barcode, "price": 1},
        )
        self.assert_outcome(answer, created=[2], errors=[[1, "product_ambiguous"]])
        for product in (self.bolt, twin):
            self.assertIn(f"(id {product.id})", answer["errors"][0][2])

    def test_an_active_product_wins_over_an_archived_one_with_its_code(self):
        self.product("Old bolt", code="BOLT", active=False)
        self.assert_outcome(
            self.apply({"default_code": "BOLT", "price": 1}), created=[1]
        )
        self.assertEqual(self.lines().product_tmpl_id, self.bolt.product_tmpl_id)

    def test_an_archived_product_is_used_and_stays_archived(self):
        self.bolt.action_archive()
        self.assert_outcome(
            self.apply({"barcode": self.bolt.barcode, "price": 1}), created=[1]
        )
        self.assertFalse(self.bolt.active)

    def test_an_archived_product_comes_back_on_request(self):
        self.apply({"barcode": self.bolt.barcode, "price": 1})
        self.bolt.action_archive()
        self.new_run()
        self.assert_outcome(
            self.apply({"barcode": self.bolt.barcode, "price": 1}, reactivate=True),
            updated=[1],
        )
        self.assertTrue(self.bolt.active)
        self.assertTrue(self.bolt.product_tmpl_id.active)

    def test_a_product_of_another_company_is_an_error(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.product("Foreign", "8710000000208", company_id=other.id)
        answer = self.apply({"barcode": foreign.barcode, "price": 1})
        self.assert_outcome(answer, errors=[[1, "company_mismatch"]])
        self.assertIn("Elsewhere", answer["errors"][0][2])

    def test_suppliers_are_found_by_id_reference_and_name(self):
        for reference in (
            self.supplier.id,
            str(self.supplier.id),
            "GH-1",
            "de groothandel",
        ):
            with self.subTest(reference=reference):
                candidates = self.batch.find_supplier(reference=reference)["candidates"]
                self.assertEqual(
                    [candidate["id"] for candidate in candidates], [self.supplier.id]
                )
        self.assertEqual(
            self.batch.find_supplier(reference="de groot%")["candidates"], []
        )
        self.assertEqual(self.batch.find_supplier(reference="")["candidates"], [])

    def test_all_suppliers_of_one_name_are_offered(self):
        twin = self.env["res.partner"].create({"name": "DE GROOTHANDEL"})
        candidates = self.batch.find_supplier(reference="De Groothandel")["candidates"]
        self.assertEqual(
            {candidate["id"] for candidate in candidates}, {self.supplier.id, twin.id}
        )
