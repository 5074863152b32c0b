# A model that the server mirrors into Postgres: a screen of what the server knows, and
# the ways to have it read again.
from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..wire import Client
from ..wire.plain import moment
from ..words_of_mirror import dropped_in_words, parked_in_words, refresh_in_words, span

# So many records may be named in one call.
MOST_IDS = 10_000
STATES = [
    ("not_started", "Not Started"),
    ("in_progress", "Being Read"),
    ("done", "Up to Date"),
    ("partial", "Incomplete"),
    ("failed", "Failed"),
]


class SluiceMirrorModel(models.Model):
    _name = "sluice.mirror.model"
    _description = "Mirrored Model"
    _order = "model, id"

    model_id = fields.Many2one(
        "ir.model", required=True, readonly=True, ondelete="cascade"
    )
    # Not stored: a model has a name in each language.
    name = fields.Char(related="model_id.name")
    model = fields.Char(
        "Technical Name", related="model_id.model", store=True, index=True
    )
    state = fields.Selection(STATES, default="not_started", readonly=True)
    row_count = fields.Integer("Records", readonly=True)
    deleted_count = fields.Integer("Deleted in Odoo", readonly=True)
    table = fields.Char(readonly=True, help="The table in the server's Postgres.")
    cursor_at = fields.Datetime(
        "True Up To",
        readonly=True,
        help="All changes up to this time are in the table.",
    )
    lag = fields.Char(compute="_compute_lag", help="Time since then.")
    cron = fields.Char(readonly=True, help="When changes are read, as a cron line.")
    refresh = fields.Char("Reads Changes", compute="_compute_refresh")
    job_id = fields.Many2one(
        "sluice.job", "Last Run", readonly=True, ondelete="set null"
    )
    dropped_fields = fields.Json(readonly=True)
    dropped_count = fields.Integer("Fields Left Out", readonly=True)
    dropped_words = fields.Text("Left Out", compute="_compute_dropped_words")
    parked_records = fields.Json(readonly=True)
    parked_count = fields.Integer("Records Put Aside", readonly=True)
    parked_words = fields.Text("Put Aside", compute="_compute_parked_words")
    action_id = fields.Many2one(
        "ir.actions.server", "Force Sync in Lists", readonly=True, ondelete="set null"
    )

    _model_unique = models.Constraint("UNIQUE (model_id)", "A model is mirrored once.")

    @api.depends("cursor_at")
    @api.depends_context("lang")
    def _compute_lag(self):
        now = fields.Datetime.now()
        for mirrored in self:
            since = mirrored.cursor_at
            mirrored.lag = since and span(self.env, (now - since).total_seconds())

    @api.depends("cron")
    @api.depends_context("lang")
    def _compute_refresh(self):
        for mirrored in self:
            mirrored.refresh = refresh_in_words(self.env, mirrored.cron)

    @api.depends("dropped_fields")
    @api.depends_context("lang")
    def _compute_dropped_words(self):
        for mirrored in self:
            mirrored.dropped_words = dropped_in_words(
                self.env, mirrored.dropped_fields or []
            )

    @api.depends("parked_records")
    @api.depends_context("lang")
    def _compute_parked_words(self):
        for mirrored in self:
            mirrored.parked_words = parked_in_words(
                self.env, mirrored.parked_records or [], mirrored.parked_count
            )

    def unlink(self):
        self.sudo().action_id.unlink()
        return super().unlink()

    @api.model
    def action_open(self):
        """Shows the mirror as the server tells it now."""
        self._check_manager()
        self._refresh(Client(self.env))
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sluice.sluice_mirror_model_action"
        )

    def action_sync(self):
        """Reads what changed since the last time, or everything the first time."""
        return self._begin(lambda client: client.sync_model(self.model))

    def action_sync_all(self):
        """Reads every record again."""
        return self._begin(lambda client: client.sync_model(self.model, full=True))

    def action_clean_up(self):
        """Marks mirrored records that Odoo no longer has."""
        return self._begin(lambda client: client.cleanup_deleted(self.model))

    def action_retry_parked(self):
        """Reads records again that could not be read or stored."""
        return self._begin(lambda client: client.retry_parked(self.model))

    def action_stop(self):
        """Has the model mirrored no longer; its table stays as it is."""
        self._check_administrator()
        client = Client(self.env)
        client.configure_mirror(removed=self.mapped("model"))
        self._refresh(client)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sluice.sluice_mirror_model_action"
        )

    def action_offer(self):
        """Puts Force Sync among the actions of the model's lists and forms."""
        self._check_administrator()
        for mirrored in self.sudo().filtered(lambda mirrored: not mirrored.action_id):
            mirrored.action_id = (
                self.env["ir.actions.server"].sudo().create(mirrored._list_action())
            )
            mirrored._translate_list_action()
        # The menus of open pages are known to the browser.
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_withdraw(self):
        """Takes Force Sync back out of the model's lists and forms."""
        self._check_administrator()
        self.sudo().action_id.unlink()
        return {"type": "ir.actions.client", "tag": "reload"}

    @api.model
    def _force_sync(self, records):
        """Reads these records, of the model's list, into its table now; all changes
        where nothing is there yet or the records are too many to be named.
        """
        mirrored = self.search([("model", "=", records._name)])
        mirrored.ensure_one()
        known = mirrored.state not in ("not_started", "failed")
        ids = records.ids if known and len(records) <= MOST_IDS else []
        return mirrored._begin(
            lambda client: client.sync_model(mirrored.model, ids=ids)
        )

    def _list_action(self):
        return {
            "name": "Force Sync",
            "model_id": self.model_id.id,
            "binding_model_id": self.model_id.id,
            "binding_view_types": "list,form",
            "group_ids": [(6, 0, self.env.ref("sluice.group_manager").ids)],
            "state": "code",
            "code": "action = env['sluice.mirror.model']._force_sync(records)",
        }

    def _translate_list_action(self):
        for language, _name in self.env["res.lang"].get_installed():
            env = self.with_context(lang=language).env
            self.action_id.with_context(lang=language).name = env._("Force Sync")

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group("sluice.group_manager"):
            raise AccessError(
                self.env._("The mirror is for those with the right Sluice / Manager.")
            )

    @api.model
    def _check_administrator(self):
        self._check_manager()
        if not self.env.is_system():
            raise AccessError(
                self.env._("Only an administrator chooses what is mirrored.")
            )

    @api.model
    def _refresh(self, client):
        """Takes over what the server tells of its mirror."""
        mirrors = self.sudo()
        told = {
            one["configuration"]["model"]: one
            for one in client.mirror_status()["models"]
        }
        known = {one.model: one for one in mirrors.search([("model", "in", [*told])])}
        for name, status in told.items():
            model = self.env["ir.model"]._get(name)
            if not model:
                continue  # of an addon that is gone
            mirrored = known.get(name) or mirrors.create({"model_id": model.id})
            mirrored._show(status)
        mirrors.search([("model", "not in", [*told])]).unlink()

    def _show(self, status):
        """Takes over how far this model is."""
        told = status["last_job"]
        jobs = self.env["sluice.job"]
        self.write(
            {
                "state": status["state"].removeprefix("MIRROR_STATE_").lower(),
                "row_count": status["rows"],
                "deleted_count": status["deleted_rows"],
                "table": status["table"],
                "cursor_at": moment(status["cursor"]),
                "cron": status["configuration"]["cron"],
                "dropped_fields": status["dropped_fields"],
                "dropped_count": len(status["dropped_fields"]),
                "parked_records": status["parked_records"],
                "parked_count": status["parked_count"],
                "job_id": told and jobs.search([("server_id", "=", told["id"])]).id,
            }
        )
