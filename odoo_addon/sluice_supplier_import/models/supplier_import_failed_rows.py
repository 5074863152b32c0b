# The rows of a list that failed: fetched when an import ends, downloaded as a fix file,
# and imported once more.
import logging

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.sluice.wire import Client
from odoo.addons.sluice.wire.errors import ServerError

from ..explanations import reasons
from ..vocabulary import to_wire

_logger = logging.getLogger(__name__)

# What the screen keeps of a list full of errors; the fix file has them all.
MOST_ROW_ERRORS = 10_000
# So many are fetched at once when an import ends, more of them by a scheduled action.
FEW_ROW_ERRORS = 500


class SupplierImport(models.Model):
    _inherit = "supplier.import"

    def _want_row_errors(self):
        """Has the failed rows of imports that are over fetched."""
        for record in self:
            record.row_errors_wanted = True
            if record.error_count <= FEW_ROW_ERRORS:
                # Open pages load themselves anew now, and show the failed rows at once.
                record._try_to_fetch_row_errors()
            if record.row_errors_wanted:
                self.env.ref(
                    "sluice_supplier_import.ir_cron_fetch_row_errors"
                ).sudo()._trigger()

    @api.model
    def _fetch_row_errors(self):
        """Fetches failed rows page by page; what the server does not give now is asked
        again by the next run.
        """
        wanting = self.search([("row_errors_wanted", "=", True)], order="id")
        remaining = len(wanting)
        for record in wanting:
            if not record._try_to_fetch_row_errors():
                return
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                return

    def _try_to_fetch_row_errors(self):
        """Fetches the import's failed rows; false if the server cannot be asked now."""
        try:
            self._fetch_own_row_errors()
        except ServerError as error:
            if error.is_away:
                return False
            _logger.warning(
                "the failed rows of import %s were not fetched: %s", self.id, error
            )
            self.row_errors_wanted = error.reason != "JOB_NOT_FOUND"
        except UserError:
            return False  # no server is set
        return True

    def _fetch_own_row_errors(self):
        self.ensure_one()
        client = Client(self.env)
        self.error_ids.unlink()
        fetched, token = 0, ""
        while fetched < MOST_ROW_ERRORS:
            page = client.row_errors(self.server_id, token, page_size=1000)
            self.env["supplier.import.error"].create(
                [
                    self.env["supplier.import.error"]._values_of(self, error)
                    for error in page["errors"]
                ]
            )
            fetched += len(page["errors"])
            token = page["next_page_token"]
            if not token:
                break
        self.row_errors_wanted = False

    def action_open_errors(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sluice_supplier_import.supplier_import_error_action"
        )
        return action | {
            "domain": [("import_id", "=", self.id)],
            "context": {"search_default_open": 1},
            "display_name": self.env._("Failed rows of %(list)s", list=self.file_name),
        }

    def action_fix_file(self):
        """Downloads the failed rows with their reasons, in the user's language."""
        self.ensure_one()
        self._get_fix_file()
        return {
            "type": "ir.actions.act_url",
            "url": (
                f"/web/content/{self._name}/{self.id}/fix_file"
                "?filename_field=fix_file_name&download=true"
            ),
            "target": "download",
        }

    def action_retry_failed_rows(self):
        """Imports the failed rows once more, for errors that were mended in Odoo."""
        self.ensure_one()
        self._check_may_start()
        attachment = self._get_fix_file().copy(
            {"res_field": False, "res_id": False, "res_model": False}
        )
        request = self._request()
        for source in ("upload_id", "url", "content"):
            request.pop(source, None)
        # The failed rows are not the whole list: lines that they do not name must stay.
        request.update(
            file_name=self.fix_file_name,
            sweep=to_wire("SWEEP_POLICY", "keep"),
            save_mapping=False,
        )
        if self._is_workbook():
            request.pop("file", None)
        again = self._start(
            self.partner_id,
            self.company_id,
            self.fix_file_name,
            request,
            attachment=attachment,
            origin=self,
        )
        return again._form_action()

    def _get_fix_file(self):
        if not self.error_count:
            raise UserError(self.env._("No row of this list failed."))
        field = [
            ("res_model", "=", self._name),
            ("res_field", "=", "fix_file"),
            ("res_id", "=", self.id),
        ]
        attachments = self.env["ir.attachment"].sudo()
        attachment = attachments.search(field, limit=1)
        language = self.env.lang or "en_US"
        if not attachment or self.fix_file_language != language:
            attachment.unlink()
            name, pieces = Client(self.env).fix_file(self.server_id, reasons(self.env))
            self.sudo().write({"fix_file_name": name, "fix_file_language": language})
            attachment = attachments.create(
                {
                    "name": name,
                    "raw": b"".join(pieces),
                    "res_model": self._name,
                    "res_field": "fix_file",
                    "res_id": self.id,
                }
            )
        return attachment

    def _is_workbook(self):
        return (self.fix_file_name or "").lower().endswith(".xlsx")
