# What an import shows when it ends, and what people do with its failed rows.
from datetime import datetime

from psycopg2.errors import RestrictViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sluice.wire.errors import ServerError

from ..models.supplier_import import FEW_ROW_ERRORS
from .upload_case import IMPORT_CLIENT, UploadCase


def failed(number, code="product_not_found"):
    return {"row": number, "code": code, "column": "EAN", "message": "no product has this barcode", "values": ["871", "1,50"]}


@tagged("post_install", "-at_install")
class TestSupplierImport(UploadCase):
    def finished(self, errors=3):
        record = self.imported(rows_total=10, error_count=errors)
        record.sudo().job_id.write({
            "state": "succeeded", "started_at": datetime(2026, 3, 1, 8), "finished_at": datetime(2026, 3, 1, 8, 1, 30),
        })
        return record

    def fetched(self, record, *pages):
        with self.server(where=IMPORT_CLIENT) as server:
            server.row_errors.side_effect = pages
            record.sudo()._job_changed()
        return server

    def test_done_with_errors_is_a_status_of_its_own(self):
        self.assertEqual((self.finished().status, self.finished(errors=0).status), ("with_errors", "succeeded"))
        self.assertEqual(self.finished().duration, 90)

    def test_failed_rows_are_fetched_page_by_page(self):
        record = self.finished()
        server = self.fetched(
            record,
            {"errors": [failed(2), failed(3)], "next_page_token": "next"},
            {"errors": [failed(9, "from_tomorrow")], "next_page_token": ""},
        )
        self.assertEqual([call.args[1] for call in server.row_errors.call_args_list], ["", "next"])
        self.assertEqual(record.error_ids.mapped("row"), [2, 3, 9])
        self.assertEqual(record.error_ids.mapped("code"), ["product_not_found", "product_not_found", "other"])
        self.assertEqual(record.error_ids[0].row_text, "871 │ 1,50")
        self.assertFalse(record.row_errors_wanted)

    def test_a_server_that_is_away_is_asked_again(self):
        record = self.finished()
        self.fetched(record, ServerError("away", "UNREACHABLE"))
        self.assertTrue(record.row_errors_wanted)
        with self.server(where=IMPORT_CLIENT) as server, self.enter_registry_test_mode():
            server.row_errors.side_effect = [{"errors": [failed(2)], "next_page_token": ""}]
            self.env.ref("sluice_supplier_import.ir_cron_fetch_row_errors").method_direct_trigger()
        self.assertEqual((record.row_errors_wanted, record.error_ids.mapped("row")), (False, [2]))

    def test_many_failed_rows_are_left_to_the_scheduled_action(self):
        record = self.finished(errors=FEW_ROW_ERRORS + 1)
        server = self.fetched(record)
        self.assertEqual((record.row_errors_wanted, server.row_errors.call_count), (True, 0))

    def test_an_import_without_failed_rows_asks_for_none(self):
        record = self.finished(errors=0)
        record.sudo()._job_changed()
        self.assertFalse(record.row_errors_wanted)

    def test_the_purchaser_says_which_rows_are_dealt_with(self):
        record = self.finished()
        self.fetched(record, {"errors": [failed(2), failed(3)], "next_page_token": ""})
        first = record.error_ids[0].with_user(self.purchaser)
        first.action_resolve()
        self.assertEqual((first.resolved, first.resolved_by_id, record.open_error_count), (True, self.purchaser, 1))
        first.action_reopen()
        self.assertEqual((first.resolved_by_id.id, record.open_error_count), (False, 2))

    def test_the_fix_file_is_fetched_once(self):
        record = self.finished()
        with self.server(where=IMPORT_CLIENT) as server:
            server.fix_file.return_value = ("prices-to-fix.csv", iter([b"EAN;", b"Prijs"]))
            action = record.action_fix_file()
            record.action_fix_file()
        self.assertEqual(server.fix_file.call_count, 1)
        self.assertIn(f"/web/content/supplier.import/{record.id}/fix_file", action["url"])
        self.assertEqual(record.fix_file_name, "prices-to-fix.csv")
        with self.assertRaises(UserError):
            self.finished(errors=0).action_fix_file()

    def test_failed_rows_are_retried_alone_and_sweep_nothing(self):
        record = self.finished()
        request = record.sudo().request
        record.sudo().request = {"import": {**request["import"], "sweep": "SWEEP_POLICY_DELETE"}}
        with self.server(where=IMPORT_CLIENT) as server:
            server.fix_file.return_value = ("prices-to-fix.csv", iter([b"EAN;Prijs;Sluice: reason"]))
            record.with_user(self.purchaser).action_retry_failed_rows()
        again = self.env["supplier.import"].search([("origin_id", "=", record.id)])
        asked = again.request["import"]
        self.assertEqual((again.partner_id, again.user_id, again.state), (self.supplier, self.purchaser, "sending"))
        self.assertEqual((asked["sweep"], asked["mapping"]), ("SWEEP_POLICY_KEEP", request["import"]["mapping"]))
        self.assertNotIn("upload_id", asked)
        self.assertEqual(again.attachment_id.raw, b"EAN;Prijs;Sluice: reason")

    def test_what_was_asked_is_told_in_words(self):
        words = str(self.imported().options)
        for expected in ("Prijs → Purchase price", "Barcode, internal reference", "Report the row as failed", "Keep them as they are"):
            self.assertIn(expected, words)

    def test_a_supplier_with_imports_is_not_deleted(self):
        self.imported()
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.supplier.unlink()
