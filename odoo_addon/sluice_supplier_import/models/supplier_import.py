# One import of a supplier's price list: whose list it was, and what became of it.
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..vocabulary import from_wire

FINISHED = ("succeeded", "failed", "cancelled")


class SupplierImport(models.Model):
    _name = "supplier.import"
    _description = "Price List Import"
    _inherits = {"sluice.job": "job_id"}
    _rec_name = "file_name"
    _order = "id desc"

    job_id = fields.Many2one(
        "sluice.job", required=True, readonly=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Supplier",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    file_name = fields.Char("Price List", required=True, readonly=True)
    file = fields.Binary("Original File", attachment=True, readonly=True)
    url = fields.Char("Web Address", readonly=True)
    fix_file = fields.Binary(attachment=True, readonly=True, copy=False)
    fix_file_name = fields.Char(readonly=True, copy=False)
    fix_file_language = fields.Char(
        readonly=True, copy=False, help="The language in which its reasons are written."
    )
    origin_id = fields.Many2one(
        "supplier.import", "Retry Of", readonly=True, ondelete="set null"
    )
    schedule_id = fields.Many2one(
        "supplier.import.schedule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    error_ids = fields.One2many(
        "supplier.import.error", "import_id", "Failed Rows", readonly=True
    )
    row_errors_wanted = fields.Boolean(
        readonly=True, help="The failed rows are still to be fetched from the server."
    )
    status = fields.Selection(
        [
            ("sending", "Being Sent"),
            ("queued", "Waiting"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("succeeded", "Done"),
            ("with_errors", "Done With Errors"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_status",
        store=True,
    )
    duration = fields.Float(
        "Duration (s)",
        compute="_compute_duration",
        store=True,
        aggregator="avg",
        digits=(16, 1),
        help="Seconds from the start to the end of the import.",
    )
    open_error_count = fields.Integer(
        "Open Failed Rows", compute="_compute_open_error_count"
    )
    options = fields.Html(compute="_compute_options", sanitize=False)

    @api.depends("job_id.state", "job_id.error_count")
    def _compute_status(self):
        for record in self:
            job = record.job_id
            record.status = (
                "with_errors"
                if job.state == "succeeded" and job.error_count
                else job.state
            )

    @api.depends("job_id.started_at", "job_id.finished_at")
    def _compute_duration(self):
        for record in self:
            began, ended = record.job_id.started_at, record.job_id.finished_at
            record.duration = (
                (ended - began).total_seconds() if began and ended else 0.0
            )

    @api.depends("error_ids.resolved")
    def _compute_open_error_count(self):
        open_errors = dict(
            self.env["supplier.import.error"]._read_group(
                [("import_id", "in", self.ids), ("resolved", "=", False)],
                ["import_id"],
                ["__count"],
            )
        )
        for record in self:
            record.open_error_count = open_errors.get(record, 0)

    @api.depends("job_id.request")
    def _compute_options(self):
        for record in self:
            record.options = self.env["ir.qweb"]._render(
                "sluice_supplier_import.supplier_import_options",
                {"sentences": record._options_in_words()},
            )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records.filtered("schedule_id"):
            schedule = record.schedule_id.sudo()
            schedule.last_import_id = record
            schedule._tell_screens()
        return records

    @api.model
    def _start(
        self,
        partner,
        company,
        file_name,
        request,
        *,
        url=False,
        attachment=None,
        origin=None,
        schedule=None,
    ):
        """Makes an import and its job; the job goes to the server after the commit.
        Callers have checked the user's rights.
        """
        record = self.sudo().create(
            {
                "title": self.env._(
                    "%(supplier)s: %(list)s",
                    supplier=partner.display_name,
                    list=file_name,
                ),
                "kind": "supplier_import",
                "user_id": self.env.uid,
                "company_id": company.id,
                "request": {"import": request},
                "attachment_id": attachment.id if attachment else False,
                "partner_id": partner.id,
                "file_name": file_name,
                "url": url,
                "origin_id": origin.id if origin else False,
                "schedule_id": schedule.id if schedule else False,
            }
        )
        record.job_id.write({"res_model": self._name, "res_id": record.id})
        if attachment:
            # The same attachment, so that a list of any size is kept once.
            attachment.sudo().write(
                {
                    "res_model": self._name,
                    "res_field": "file",
                    "res_id": record.id,
                    "name": file_name,
                }
            )
        return record.with_env(self.env)

    @api.model
    def _begun_elsewhere(self, told, job_values):
        """Makes the record of an import that this Odoo did not start; none for a mere
        check and for a supplier that is gone.
        """
        asked = told["import"]
        partner = self.env["res.partner"].browse(int(asked["supplier"])).exists()
        if asked["dry_run"] or not partner:
            return None
        schedule = self.env["supplier.import.schedule"]._of_server(told["schedule"])
        company = (
            self.env["res.company"].browse(int(asked["company_id"])).exists()
            or self._company_of_service()
        )
        record = self.sudo().create(
            {
                **job_values,
                "user_id": schedule.user_id.id,
                "company_id": company.id,
                "request": {
                    "import": {
                        name: value
                        for name, value in asked.items()
                        if name != "content"
                    }
                },
                "partner_id": partner.id,
                "file_name": asked["file_name"]
                or name_of_url(asked.get("url"))
                or self.env._("price list"),
                "url": asked.get("url"),
                "schedule_id": schedule.id,
            }
        )
        record.job_id.write({"res_model": self._name, "res_id": record.id})
        if schedule:
            schedule._refresh_soon()
        return record

    @api.model
    def _company_of_service(self):
        """The company whose lines an import without a company changes: that of the
        server's user.
        """
        return (
            self.env["sluice.connection"]._service_user_if_any().company_id
            or self.env.company
        )

    def _job_changed(self):
        """Called by the job when the server told something new about it."""
        for record in self.sudo().filtered("schedule_id"):
            record.schedule_id._import_changed(record)
        self.sudo().filtered(
            lambda record: record.state in FINISHED and record.error_count
        )._want_row_errors()

    def action_pause(self):
        return self.job_id.action_pause()

    def action_resume(self):
        return self.job_id.action_resume()

    def action_cancel(self):
        return self.job_id.action_cancel()

    def action_retry(self):
        return self.job_id.action_retry()

    @api.model
    def _check_may_start(self):
        if not self.env.user.has_group("sluice.group_user"):
            raise AccessError(
                self.env._(
                    "You may not start imports: ask for the access right Sluice / User."
                )
            )

    def _form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _request(self):
        """A copy of what was asked of the server; empty for imports that were begun
        elsewhere.
        """
        return dict((self.sudo().request or {}).get("import", {}))

    def _options_in_words(self):
        """What was asked of the server, as pairs of what and how."""
        self.ensure_one()
        request = self._request()
        upload = self.env["supplier.import.upload"]

        def words(record, field, word):
            return dict(record._fields[field]._description_selection(self.env)).get(
                word, word or ""
            )

        def chosen(field, prefix):
            return [words(upload, field, from_wire(prefix, request.get(field)))]

        matched = "+".join(
            from_wire("MATCH_BY", way) for way in request.get("match", [])
        )
        columns = [
            f"{column['column']} → {words(upload.column_ids, 'list_field', word)}"
            for column in request.get("mapping", [])
            if (word := from_wire("LIST_FIELD", column["field"]))
        ]
        return [
            (self.env._("Columns"), columns),
            (
                self.env._("Products are found by"),
                [words(upload, "match_order", matched)],
            ),
            (
                self.env._("Unknown products"),
                chosen("unknown_product", "UNKNOWN_PRODUCT"),
            ),
            (
                self.env._("Lines that the list no longer names"),
                chosen("sweep", "SWEEP_POLICY"),
            ),
        ]


def name_of_url(url):
    """The name of the file at a web address; the address itself where it ends with
    none.
    """
    return PurePosixPath(urlsplit((url or "").strip()).path).name or (url or "").strip()
