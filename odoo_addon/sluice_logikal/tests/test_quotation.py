# Elevations on a quotation: a phase is a section, an elevation a line with its pieces.
import uuid

from odoo.exceptions import UserError
from odoo.tests import tagged

from .project_case import ProjectCase


@tagged("post_install", "-at_install")
class TestQuotation(ProjectCase):
    def setUp(self):
        super().setUp()
        self.apply(
            self.row(1),
            self.row(2, is_recycled=True),
            self.row(3, phase="fase 1", amount=5.0),
        )
        currency = self.project().currency_id
        pricelist = self.env["product.pricelist"].create(
            {"name": "Here", "currency_id": currency.id}
        )
        self.order = self.env["sale.order"].create(
            {
                "pricelist_id": pricelist.id,
                "partner_id": self.env["res.partner"].create({"name": "Klant"}).id,
                "logikal_project_id": self.project().id,
            }
        )

    def shown(self):
        return [
            (line.display_type or "", line.name.splitlines()[0], line.product_uom_qty)
            for line in self.order.order_line.sorted("sequence")
        ]

    def test_phases_become_sections_and_elevations_lines(self):
        self.order.action_take_logikal()
        self.assertEqual(
            self.shown(),
            [
                ("line_section", "Standaard", 0.0),
                ("", "P1: 1200 × 1500 mm", 2.0),
                ("line_section", "fase 1", 0.0),
                ("", "P3: 1200 × 1500 mm", 5.0),
            ],
        )
        self.assertEqual(self.order.order_line[1].price_unit, 100.0)
        self.assertEqual(self.project().order_count, 1)

    def test_taking_them_again_updates_the_lines(self):
        self.order.action_take_logikal()
        lines = self.order.order_line
        self.job = str(uuid.uuid4())
        self.apply(self.row(1, amount=9.0), self.row(4))
        self.order.action_take_logikal()
        self.assertEqual(len(self.order.order_line - lines), 1)
        self.assertEqual(lines[1].product_uom_qty, 9.0)

    def test_a_confirmed_order_is_changed_only_after_a_question(self):
        self.order.action_take_logikal()
        self.order.action_confirm()
        with self.assertRaises(UserError):
            self.order.action_take_logikal()
        self.job = str(uuid.uuid4())
        self.apply(self.row(1, amount=9.0))
        self.order.action_take_logikal_confirmed()
        self.assertEqual(self.order.order_line[1].product_uom_qty, 9.0)
        self.order.action_lock()
        with self.assertRaises(UserError):
            self.order.action_take_logikal_confirmed()

    def test_another_currency_is_refused(self):
        self.job = str(uuid.uuid4())
        other = self.env["res.currency"].create(
            {"name": "XLG", "symbol": "xlg", "rate_ids": [(0, 0, {"rate": 2})]}
        )
        self.apply(self.row(1), project=self.told(currency=other.name))
        with self.assertRaises(UserError):
            self.order.action_take_logikal()
