# A quotation with the elevations of a LOGIKAL project: a phase is a section, an
# elevation a line.
from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    logikal_project_id = fields.Many2one(
        "sluice.logikal.project", "LOGIKAL Project", copy=False, check_company=True
    )

    def action_take_logikal(self):
        """Creates or updates a line for each elevation of the project."""
        for order in self:
            if order.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "%(order)s is confirmed: its lines are changed only by the "
                        "button that asks first.",
                        order=order.name,
                    )
                )
        return self._take_logikal()

    def action_take_logikal_confirmed(self):
        """The same on a confirmed order, after somebody was asked."""
        for order in self:
            if order.state == "cancel" or order.locked:
                raise UserError(
                    self.env._(
                        "%(order)s is cancelled or locked: nothing is changed.",
                        order=order.name,
                    )
                )
        return self._take_logikal()

    def action_open_logikal(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sluice.logikal.project",
            "res_id": self.logikal_project_id.id,
            "views": [(False, "form")],
        }

    def _take_logikal(self):
        for order in self:
            project = order.logikal_project_id
            if not project:
                raise UserError(self.env._("Choose a LOGIKAL project first."))
            project.check_access("read")
            if order.currency_id != project.currency_id:
                raise UserError(
                    self.env._(
                        "The prices of %(project)s are in %(its)s, the quotation is in "
                        "%(ours)s: choose another pricelist.",
                        project=project.name,
                        its=project.currency_id.name,
                        ours=order.currency_id.name,
                    )
                )
            order._take_phases(project)
        return True

    def _take_phases(self, project):
        last = max(self.order_line.mapped("sequence"), default=0)
        for number, phase in enumerate(project.phase_ids):
            elevations = phase.elevation_ids.filtered(
                lambda elevation: not elevation.is_recycled
            )
            if not elevations:
                continue
            sequence = last + 10 + number * 1_000
            section = self.order_line.filtered(
                lambda line, phase=phase: (
                    line.display_type and line.logikal_phase_id == phase
                )
            )[:1]
            if section:
                section.name = phase.name
                sequence = section.sequence
            else:
                self.env["sale.order.line"].create(
                    {
                        "order_id": self.id,
                        "display_type": "line_section",
                        "name": phase.name,
                        "sequence": sequence,
                        "logikal_phase_id": phase.id,
                    }
                )
            for elevation in elevations:
                sequence += 1
                self._take_elevation(elevation, sequence)

    def _take_elevation(self, elevation, sequence):
        line = self.order_line.filtered(
            lambda line: line.logikal_elevation_id == elevation
        )[:1]
        values = {
            "name": elevation._quoted_as(),
            "product_uom_qty": elevation.amount,
            "sequence": sequence,
        }
        if elevation.unit_price:
            values["price_unit"] = elevation.net_unit_price or elevation.unit_price
        if line:
            line.write(values)
            return
        product = self.env.ref("sluice_logikal.product_elevation")
        self.env["sale.order.line"].create(
            {
                **values,
                "order_id": self.id,
                "product_id": product.id,
                "logikal_phase_id": elevation.phase_id.id,
                "logikal_elevation_id": elevation.id,
            }
        )
