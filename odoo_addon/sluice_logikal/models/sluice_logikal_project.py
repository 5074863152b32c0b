# A project of LOGIKAL: what the server fetched of it, and the ways to have it fetched
# again.
from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.sluice.wire.plain import moment


class SluiceLogikalProject(models.Model):
    _name = "sluice.logikal.project"
    _description = "LOGIKAL Project"
    _order = "directory, name, id"

    name = fields.Char(required=True, readonly=True, index="trigram")
    guid = fields.Char(
        "Key in LOGIKAL",
        required=True,
        readonly=True,
        copy=False,
        help="Names are no keys: one may stand in several directories.",
    )
    directory = fields.Char(readonly=True)
    job_number = fields.Char(readonly=True)
    offer_number = fields.Char(readonly=True)
    person_in_charge = fields.Char(readonly=True)
    currency = fields.Char(
        "Currency in LOGIKAL", readonly=True, help="As LOGIKAL writes it."
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True
    )
    changed_at = fields.Datetime("Changed in LOGIKAL", readonly=True)
    synced_at = fields.Datetime("Fetched", readonly=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    phase_ids = fields.One2many("sluice.logikal.phase", "project_id", readonly=True)
    elevation_ids = fields.One2many(
        "sluice.logikal.elevation", "project_id", readonly=True
    )
    elevation_count = fields.Integer("Elevations", compute="_compute_elevation_count")
    failed_count = fields.Integer("Incomplete", compute="_compute_elevation_count")
    order_ids = fields.One2many(
        "sale.order", "logikal_project_id", "Quotations", readonly=True
    )
    order_count = fields.Integer("Quotations Made", compute="_compute_order_count")
    job_id = fields.Many2one(
        "sluice.job", "Last Run", readonly=True, ondelete="set null", copy=False
    )
    state = fields.Selection(related="job_id.state", string="Last Run Is")

    _guid_unique = models.Constraint(
        "UNIQUE (guid, company_id)", "A project of LOGIKAL is here once."
    )

    @api.depends("currency", "company_id")
    def _compute_currency_id(self):
        currencies = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "!=", False)])
        )
        by_word = {
            word: currency
            for currency in currencies
            for word in (currency.symbol, currency.name)
        }
        for project in self:
            project.currency_id = (
                by_word.get((project.currency or "").strip())
                or project.company_id.currency_id
            )

    @api.depends("elevation_ids.state", "elevation_ids.is_recycled")
    def _compute_elevation_count(self):
        for project in self:
            there = project.elevation_ids.filtered(lambda one: not one.is_recycled)
            project.elevation_count = len(there)
            project.failed_count = len(
                there.filtered(lambda one: one.state == "failed")
            )

    @api.depends("order_ids")
    def _compute_order_count(self):
        for project in self:
            project.order_count = len(project.order_ids)

    @api.model
    def action_look(self):
        """Has the server look which projects LOGIKAL has; the list shows how far it is,
        and fills when the answer is there.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_logikal.sluice_logikal_project_action"
        )
        return {
            **action,
            "target": "main",
            "context": {"sluice_job_id": self._begin_look()},
        }

    def action_sync(self):
        """Fetches what has changed."""
        return self._begin(full=False)

    def action_sync_all(self):
        """Fetches everything again, and believes what is gone."""
        return self._begin(full=True)

    def action_open_elevations(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_logikal.sluice_logikal_elevation_action"
        )
        return {
            **action,
            "domain": [("project_id", "in", self.ids)],
            "context": {"search_default_group_phase": 1},
        }

    def action_open_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        return {
            **action,
            "domain": [("logikal_project_id", "in", self.ids)],
            "context": {},
        }

    def action_new_order(self):
        """A new quotation for this project; its customer is still to be chosen."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "views": [(False, "form")],
            "context": {"default_logikal_project_id": self.id},
        }

    @api.model
    def _check_user(self):
        if not self.env.user.has_group("sluice.group_user"):
            raise AccessError(
                self.env._(
                    "You may not fetch projects: ask for the access right Sluice / "
                    "User."
                )
            )

    @api.model
    def _take_listing(self, told):
        """Takes over projects as the server lists them."""
        projects = self.sudo()
        company = self.env.company
        known = {
            project.guid: project
            for project in projects.search([("company_id", "=", company.id)])
        }
        new = []
        for one in told:
            values = {
                "name": one["name"] or one["id"],
                "directory": one["directory"],
                "job_number": one["job_number"],
                "offer_number": one["offer_number"],
                "person_in_charge": one["person_in_charge"],
                "changed_at": moment(one["changed_at"]),
            }
            if one["id"] in known:
                known[one["id"]].write(values)
            else:
                new.append({**values, "guid": one["id"], "company_id": company.id})
        projects.create(new)
