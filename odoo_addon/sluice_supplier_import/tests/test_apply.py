# Rows become price lines, changed rows change them, unchanged rows only stamp them.
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .price_list_case import PriceListCase


@tagged("post_install", "-at_install")
class TestApply(PriceListCase):
    def test_a_row_becomes_a_line_with_all_its_values(self):
        answer = self.apply(
            {
                "barcode": self.bolt.barcode,
                "price": 1.2345,
                "discount": 10,
                "min_qty": 5,
                "delay": 7,
                "stock": 12,
                "product_code": "S-1",
                "product_name": "Bout",
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        self.assert_outcome(answer, created=[1])
        line = self.lines()
        self.assertRecordValues(
            line,
            [
                {
                    "product_tmpl_id": self.bolt.product_tmpl_id.id,
                    "price": 1.2345,
                    "discount": 10,
                    "min_qty": 5,
                    "delay": 7,
                    "supplier_stock": 12,
                    "product_code": "S-1",
                    "product_name": "Bout",
                    "date_start": date(2026, 1, 1),
                    "date_end": date(2026, 12, 31),
                    "currency_id": self.env.company.currency_id.id,
                    "company_id": self.env.company.id,
                    "product_uom_id": self.bolt.uom_id.id,
                }
            ],
        )
        self.assertTrue(line.last_sync_date)
        self.assertFalse(
            line.product_id, "a template with one variant has its line as a whole"
        )

    def test_the_same_row_again_changes_nothing_but_the_stamp(self):
        row = {
            "barcode": self.bolt.barcode,
            "price": 0.1 + 0.2,
            "discount": 33.333,
            "min_qty": 1.005,
            "stock": 3.3,
        }
        self.apply(row)
        line = self.lines()
        line.last_sync_date = False
        self.new_run()
        answer = self.apply({**row, "price": 0.3})
        self.assert_outcome(answer, unchanged=[1])
        self.assertTrue(line.last_sync_date)
        self.assertEqual(line.previous_price, 0)

    def test_a_price_change_keeps_the_price_before(self):
        self.apply({"barcode": self.bolt.barcode, "price": 8})
        self.new_run()
        self.assert_outcome(
            self.apply({"barcode": self.bolt.barcode, "price": 10}), updated=[1]
        )
        self.assertRecordValues(
            self.lines(), [{"price": 10, "previous_price": 8, "price_change_pct": 25}]
        )

    def test_changes_are_rounded_and_converted_as_odoo_does(self):
        self.apply(
            {"barcode": self.bolt.barcode, "price": 8},
            {"barcode": self.nut.barcode, "price": 8},
        )
        self.new_run()
        rows = (
            {
                "barcode": self.bolt.barcode,
                "price": 9,
                "discount": 12.3456,
                "delay": 4,
                "stock": 2.5,
                "product_code": "A",
            },
            {
                "barcode": self.nut.barcode,
                "price": 10,
                "date_end": "2027-01-31",
                "product_name": "Moer",
            },
        )
        self.assert_outcome(self.apply(*rows), updated=[1, 2])
        bolt, nut = self.lines()
        self.assertRecordValues(
            bolt,
            [
                {
                    "price": 9,
                    "discount": 12.35,
                    "delay": 4,
                    "supplier_stock": 2.5,
                    "product_code": "A",
                },
            ],
        )
        self.assertRecordValues(
            nut, [{"price": 10, "date_end": date(2027, 1, 31), "product_name": "Moer"}]
        )
        self.assertEqual((bolt + nut).mapped("write_uid"), self.service)
        self.new_run()
        self.assert_outcome(self.apply(*rows), unchanged=[1, 2])

    def test_another_modules_write_is_called_for_each_change(self):
        self.apply(
            {"barcode": self.bolt.barcode, "price": 8},
            {"barcode": self.nut.barcode, "price": 8},
        )
        seen = []
        lines = type(self.env["product.supplierinfo"])
        original = lines.write

        def write(records, values):
            seen.append((records.ids, values.get("price")))
            return original(records, values)

        self.patch(lines, "write", write)
        self.new_run()
        answer = self.apply(
            {"barcode": self.bolt.barcode, "price": 9},
            {"barcode": self.nut.barcode, "price": 8},
        )
        self.assert_outcome(answer, updated=[1], unchanged=[2])
        self.assertEqual(seen, [(self.lines()[0].ids, 9)])
        self.assertEqual(self.lines().mapped("previous_price"), [8, 0])

    def test_what_the_list_does_not_have_is_left_alone(self):
        self.apply(
            {
                "barcode": self.bolt.barcode,
                "price": 8,
                "delay": 9,
                "product_name": "Bout",
                "discount": 5,
            }
        )
        self.new_run()
        self.assert_outcome(
            self.apply({"barcode": self.bolt.barcode, "product_code": "NEW"}),
            updated=[1],
        )
        self.assertRecordValues(
            self.lines(),
            [
                {
                    "price": 8,
                    "delay": 9,
                    "product_name": "Bout",
                    "discount": 5,
                    "product_code": "NEW",
                },
            ],
        )

    def test_a_new_line_needs_a_price(self):
        self.assert_outcome(
            self.apply({"barcode": self.bolt.barcode}), errors=[[1, "rejected_by_odoo"]]
        )

    def test_preview_tells_what_apply_would_do_and_writes_nothing(self):
        self.apply({"barcode": self.bolt.barcode, "price": 8})
        before = self.lines().read()
        answer = self.batch.preview_batch(
            supplier=self.supplier.id,
            options={"unknown": "create"},
            rows=[
                {"row": 1, "barcode": self.bolt.barcode, "price": 9},
                {"row": 2, "barcode": self.nut.barcode, "price": 3},
                {"row": 3, "barcode": "8710000099999", "name": "New", "price": 4},
                {"row": 4, "barcode": self.nut.barcode, "price": 5},
                {"row": 5, "barcode": self.nut.barcode, "price": 5, "currency": "XXX"},
            ],
        )
        self.env.invalidate_all()
        self.assertEqual(self.lines().read(), before)
        self.assertFalse(
            self.env["product.product"].search([("barcode", "=", "8710000099999")])
        )
        shown = [
            (row["outcome"], row["code"], row["price_before"], row["price_after"])
            for row in answer["rows"]
        ]
        self.assertEqual(
            shown,
            [
                ("updated", False, 8, 9),
                ("created", False, False, 3),
                ("created", False, False, 4),
                ("error", "duplicate_line", False, False),
                ("error", "unknown_currency", False, False),
            ],
        )
        self.assertEqual(answer["rows"][0]["product_id"], self.bolt.id)

    def test_a_batch_that_makes_no_sense_is_refused_whole(self):
        row = {"barcode": self.bolt.barcode, "price": 1}
        for rows, options in (
            ([{**row, "row": 9}], {}),
            ([{**row, "row": 1}, {**row, "row": 1}], {}),
            ([row], {}),
            ([{**row, "row": 1}], {"match": ["colour"]}),
            ([{**row, "row": 1}], {"unknown": "guess"}),
            ([{**row, "row": 1}], {"colour": "red"}),
            ([{**row, "row": 1}], {"company_id": 99_999_999}),
        ):
            with self.subTest(rows=rows, options=options), self.assertRaises(UserError):
                self.batch.apply_batch(
                    job=self.job,
                    attempt=1,
                    first_row=1,
                    last_row=2,
                    supplier=self.supplier.id,
                    options=options,
                    rows=rows,
                )

    def test_a_missing_supplier_is_refused(self):
        with self.assertRaisesRegex(UserError, "no supplier"):
            self.apply(
                {"barcode": self.bolt.barcode, "price": 1},
                supplier=self.env["res.partner"].browse(99_999_999),
            )
