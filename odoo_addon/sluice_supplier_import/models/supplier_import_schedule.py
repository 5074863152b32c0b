# A price list that is imported again and again from its web address: the server keeps
# the time, this record what is wanted.
import uuid
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.sluice.words import in_words

from .supplier_import import name_of_url

WARNING = "mail.mail_activity_data_warning"
# How the names of our schedules begin on the server, so that those of others are left
# alone.
PREFIX = "odoo-"
# What the server keeps; a change of anything else is no news to it.
SENT = {
    "partner_id",
    "company_id",
    "url",
    "hour",
    "days",
    "tz",
    "active",
    "mapping",
    "file_options",
}
# What the server says of it, which nobody else does.
OF_THE_SERVER = {
    "name_on_server",
    "kept",
    "told",
    "code",
    "next_run_at",
    "last_import_id",
}


class SupplierImportSchedule(models.Model):
    _name = "supplier.import.schedule"
    _inherit = ["supplier.import.choices", "mail.thread", "mail.activity.mixin"]
    _description = "Price List Schedule"
    _order = "partner_id, id"
    _rec_name = "partner_id"

    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner", "Supplier", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        help="Is warned when an import fails.",
    )
    url = fields.Char(
        "Web Address",
        required=True,
        help="Where the list is at that time, as the Sluice server reaches it.",
    )
    hour = fields.Float("At", default=3.0, required=True)
    days = fields.Selection(
        [
            ("*", "Every day"),
            ("1-5", "Monday to Friday"),
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("0", "Sunday"),
        ],
        "On",
        default="*",
        required=True,
    )
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
    )
    mapping = fields.Json(
        readonly=True,
        copy=False,
        help="Empty means what is remembered for the supplier.",
    )
    file_options = fields.Json(readonly=True, copy=False)
    warn_errors = fields.Integer(
        "Warn from so many failed rows",
        default=1,
        help="0 warns only when an import fails as a whole.",
    )
    name_on_server = fields.Char(
        readonly=True,
        required=True,
        copy=False,
        default=lambda self: PREFIX + uuid.uuid4().hex[:20],
    )
    kept = fields.Selection(
        [
            ("waiting", "Being Sent"),
            ("kept", "Active"),
            ("refused", "Refused"),
            ("stopped", "Stopped"),
        ],
        "State",
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
    )
    told = fields.Char(readonly=True, copy=False)
    code = fields.Char(readonly=True, copy=False)
    message = fields.Char("Remark", compute="_compute_message")
    next_run_at = fields.Datetime("Next Run", readonly=True, copy=False)
    import_ids = fields.One2many(
        "supplier.import", "schedule_id", "Imports", readonly=True
    )
    import_count = fields.Integer(compute="_compute_import_count")
    last_import_id = fields.Many2one(
        "supplier.import", "Last Run", readonly=True, copy=False, ondelete="set null"
    )
    last_run_at = fields.Datetime(
        related="last_import_id.asked_at", string="Last Run On"
    )
    last_status = fields.Selection(
        related="last_import_id.status", string="Last Outcome"
    )

    _name_on_server_unique = models.Constraint(
        "UNIQUE (name_on_server)", "A schedule of the server has one record."
    )

    @api.depends("partner_id", "url")
    def _compute_display_name(self):
        for schedule in self:
            named = (
                [schedule.partner_id.display_name, name_of_url(schedule.url)]
                if schedule.partner_id
                else []
            )
            schedule.display_name = ": ".join(
                part for part in named if part
            ) or self.env._("New Schedule")

    @api.depends("told", "code")
    @api.depends_context("lang")
    def _compute_message(self):
        for schedule in self:
            schedule.message = in_words(self.env, schedule.code, schedule.told)

    @api.depends("import_ids")
    def _compute_import_count(self):
        for schedule in self:
            schedule.import_count = len(schedule.import_ids)

    @api.constrains("url")
    def _check_url(self):
        for schedule in self:
            if urlsplit(schedule.url.strip()).scheme not in ("http", "https"):
                raise ValidationError(
                    self.env._(
                        "%(url)s is not a web address: it begins with https:// or "
                        "http://.",
                        url=schedule.url,
                    )
                )

    @api.constrains("hour")
    def _check_hour(self):
        for schedule in self:
            if not 0 <= schedule.hour < 24:
                raise ValidationError(
                    self.env._("The time lies between 00:00 and 23:59.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_words(vals)
        schedules = super().create(vals_list)
        schedules._send_later()
        return schedules

    def write(self, vals):
        self._check_words(vals)
        done = super().write(vals)
        if SENT.union(self.env["supplier.import.choices"]._fields).intersection(vals):
            super().write({"kept": "waiting"})
            self._send_later()
        return done

    def unlink(self):
        names = self.mapped("name_on_server")
        done = super().unlink()
        # After the commit, like all that the server hears; what does not get through is
        # done by the scheduled action.
        self._after_commit(lambda schedules: schedules._remove(names))
        return done

    def action_open_imports(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_action"
        )
        return action | {
            "domain": [("schedule_id", "=", self.id)],
            "display_name": self.display_name,
        }

    def action_run_now(self):
        """Imports the list at once, as the schedule would."""
        self.ensure_one()
        imports = self.env["supplier.import"]
        imports._check_may_start()
        self.check_access("read")
        self.company_id._check_may_be_worked_for()
        record = imports._start(
            self.partner_id,
            self.company_id,
            name_of_url(self.url),
            self._request(),
            url=self.url.strip(),
            schedule=self,
        )
        return record._form_action()

    def action_preview(self):
        """Shows the list as it is now, to settle what its columns mean."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_upload_action"
        )
        defaults = {f"default_{name}": value for name, value in self._chosen().items()}
        return action | {
            "context": {
                "dialog_size": "extra-large",
                "default_partner_id": self.partner_id.id,
                "default_source": "url",
                "default_url": self.url,
                **defaults,
            }
        }

    @api.model
    def _check_words(self, vals):
        """Raises AccessError when somebody would put words into the server's mouth."""
        if OF_THE_SERVER.intersection(vals) and not self.env.su:
            raise AccessError(self.env._("Only the Sluice server says what it keeps."))

    # pylint: disable-next=missing-return
    def _settle(self, kept, told, code, next_run_at=False):
        """Keeps what became of a schedule on the server."""
        values = {"kept": kept, "told": told, "code": code, "next_run_at": next_run_at}
        if any(self[name] != value for name, value in values.items()):
            # pylint: disable-next=super-method-mismatch
            super().write(values)
            self._tell_screens()

    def _request(self):
        """The import as the server reads it."""
        request = {
            "supplier": str(self.partner_id.id),
            "company_id": self.company_id.id,
            "url": self.url.strip(),
            "mapping": self.mapping or [],
            **self._choices(),
        }
        return request | ({"file": self.file_options} if self.file_options else {})

    def _import_changed(self, record):
        """Warns the responsible person when a run failed, and takes the warning back
        when the next one is well.
        """
        self.ensure_one()
        self._tell_screens()
        schedule = self.with_context(lang=self.user_id.lang)
        record = record.with_context(lang=self.user_id.lang)
        if record.state == "failed":
            schedule._warn(
                record,
                schedule.env._("The price list was not imported"),
                record.message,
            )
        elif (
            record.state == "succeeded"
            and self.warn_errors
            and record.error_count >= self.warn_errors
        ):
            schedule._warn(
                record,
                schedule.env._("Rows of the price list failed"),
                schedule.env._(
                    "%(count)s of %(total)s rows",
                    count=record.error_count,
                    total=record.rows_total,
                ),
            )
        elif record.state == "succeeded":
            schedule.activity_feedback(
                [WARNING], feedback=schedule.env._("A later run went well.")
            )

    def _warn(self, record, summary, note):
        link = record._get_html_link(title=record.file_name)
        note = Markup("%s<br/>%s") % (link, note or "")
        open_one = self.activity_search([WARNING])[:1]
        if open_one:
            # One warning stands for all nights that went wrong alike.
            open_one.write(
                {
                    "summary": summary,
                    "note": note,
                    "date_deadline": fields.Date.context_today(self),
                }
            )
        else:
            self.activity_schedule(
                WARNING, summary=summary, note=note, user_id=self.user_id.id
            )

    def _form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }
