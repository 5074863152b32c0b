# Which existing line a row means: supplier, product, company, currency, quantity, unit
# and start date.
from odoo.tests import tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestLineKey(PriceListCase):
    def test_tiers_currencies_units_and_periods_are_lines_of_their_own(self):
        self.env.ref("base.USD").active = True
        self.env.ref("base.EUR").active = True
        rows = [
            {"price": 10},
            {"price": 9, "min_qty": 10},
            {"price": 8, "min_qty": 100},
            {"price": 11, "currency": "USD"},
            {"price": 12, "currency": "EUR"},
            {"price": 110, "uom": "dozens"},
            {"price": 7, "date_start": "2026-06-01"},
        ]
        rows = [{"barcode": self.bolt.barcode, **row} for row in rows]
        expected = list(range(1, 8))
        duplicate = self.env.company.currency_id.name in ("USD", "EUR")
        answer = self.apply(*rows)
        if duplicate:
            self.assertEqual(
                [entry[1] for entry in answer["errors"]], ["duplicate_line"]
            )
            expected.remove(answer["errors"][0][0])
        self.assertEqual(answer["created"], expected)
        self.assertEqual(len(self.lines()), len(expected))
        self.new_run()
        again = self.apply(*rows)
        self.assertEqual((again["unchanged"], again["created"]), (expected, []))

    def test_an_unknown_currency_or_unit_is_an_error_of_its_row(self):
        answer = self.apply(
            {"barcode": self.bolt.barcode, "price": 1, "currency": "ZZZ"},
            {"barcode": self.bolt.barcode, "price": 1, "uom": "furlong per fortnight"},
            {"barcode": self.nut.barcode, "price": 1},
        )
        self.assert_outcome(
            answer, created=[3], errors=[[1, "unknown_currency"], [2, "unknown_uom"]]
        )
        self.assertIn("ZZZ", answer["errors"][0][2])

    def test_the_options_currency_holds_for_rows_without_one(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.apply({"barcode": self.bolt.barcode, "price": 1}, currency="USD")
        self.assertEqual(self.lines().currency_id, usd)

    def test_two_rows_for_one_line_leave_the_later_one_out(self):
        answer = self.apply(
            {"barcode": self.bolt.barcode, "price": 1},
            {"default_code": "BOLT", "price": 2},
        )
        self.assert_outcome(answer, created=[1], errors=[[2, "duplicate_line"]])
        self.assertEqual(self.lines().price, 1)

    def test_a_variant_among_others_gets_a_line_of_its_own(self):
        colour = self.env["product.attribute"].create(
            {
                "name": "Colour",
                "value_ids": [(0, 0, {"name": "Red"}), (0, 0, {"name": "Blue"})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Paint",
                "attribute_line_ids": [
                    (
                        0,
                        0,
                        {
                            "attribute_id": colour.id,
                            "value_ids": [(6, 0, colour.value_ids.ids)],
                        },
                    )
                ],
            }
        )
        red, blue = template.product_variant_ids
        red.barcode, blue.barcode = "8710000000109", "8710000000116"
        rows = (
            {"barcode": red.barcode, "price": 1},
            {"barcode": blue.barcode, "price": 2},
        )
        self.assert_outcome(self.apply(*rows), created=[1, 2])
        self.assertEqual(self.lines().mapped("product_id"), red + blue)
        self.new_run()
        self.assert_outcome(self.apply(*rows), unchanged=[1, 2])

    def test_an_existing_line_on_the_only_variant_is_used(self):
        line = self.env["product.supplierinfo"].create(
            {
                "partner_id": self.supplier.id,
                "product_id": self.bolt.id,
                "price": 5,
            }
        )
        self.assert_outcome(
            self.apply({"barcode": self.bolt.barcode, "price": 6}), updated=[1]
        )
        self.assertEqual(self.lines(), line)

    def test_lines_of_other_suppliers_are_not_touched(self):
        other = self.env["res.partner"].create({"name": "Other"})
        line = self.env["product.supplierinfo"].create(
            {
                "partner_id": other.id,
                "product_tmpl_id": self.bolt.product_tmpl_id.id,
                "price": 5,
            }
        )
        self.apply({"barcode": self.bolt.barcode, "price": 6})
        self.assertEqual((line.price, line.last_sync_date), (5, False))
