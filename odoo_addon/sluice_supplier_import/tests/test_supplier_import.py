# What an import shows when it ends, and what people do with its failed rows.
import csv
import io

from psycopg2.errors import RestrictViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sluice.tests.dutch_case import speak_dutch

from ..models import supplier_import_failed_rows
from .upload_case import FAULTY, LIST, UploadCase


@tagged("post_install", "-at_install")
class TestSupplierImport(UploadCase):
    def test_an_import_runs_to_its_end(self):
        record = self.imported()
        self.assertEqual(
            (record.status, record.percent, record.created_count), ("succeeded", 100, 2)
        )
        self.assertLessEqual(record.started_at, record.finished_at)
        self.assertEqual(self.lines().mapped("price"), [1.5, 2.5])
        self.assertEqual(self.supplier.last_sync_date, self.lines()[0].last_sync_date)

    def test_done_with_errors_is_a_status_of_its_own(self):
        record = self.imported(FAULTY)
        self.assertEqual(
            (record.status, record.created_count, record.error_count),
            ("with_errors", 1, 2),
        )

    def test_failed_rows_come_with_their_reasons(self):
        record = self.imported(FAULTY)
        self.assertFalse(record.row_errors_wanted)
        self.assertEqual(record.error_ids.mapped("row"), [3, 4])
        self.assertEqual(
            record.error_ids.mapped("code"), ["product_not_found", "number_unreadable"]
        )
        self.assertEqual(record.error_ids[1].row_text, "8710000000024 │ abc")
        self.assertIn("'abc' is not a number", record.error_ids[1].explanation)

    def test_failed_rows_are_explained_in_dutch(self):
        record = self.imported(FAULTY)
        speak_dutch(self.env)
        self.assertEqual(
            record.error_ids[1].with_context(lang="nl_NL").explanation,
            "de cel is geen getal: abc",
        )

    def test_many_failed_rows_are_left_to_the_scheduled_action(self):
        self.patch(supplier_import_failed_rows, "FEW_ROW_ERRORS", 1)
        record = self.imported(FAULTY)
        self.assertEqual((record.row_errors_wanted, len(record.error_ids)), (True, 0))
        self.env.ref(
            "sluice_supplier_import.ir_cron_fetch_row_errors"
        ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(
            (record.row_errors_wanted, record.error_ids.mapped("row")), (False, [3, 4])
        )

    def test_failed_rows_are_fetched_when_the_server_is_back(self):
        self.patch(supplier_import_failed_rows, "FEW_ROW_ERRORS", 1)
        record = self.imported(FAULTY)
        self.server.stop()
        try:
            self.env["supplier.import"]._fetch_row_errors()
            self.assertTrue(record.row_errors_wanted)
        finally:
            self.server.start()
        self.env.ref(
            "sluice_supplier_import.ir_cron_fetch_row_errors"
        ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((record.row_errors_wanted, len(record.error_ids)), (False, 2))

    def test_the_purchaser_says_which_rows_are_dealt_with(self):
        record = self.imported(FAULTY)
        first = record.error_ids[0].with_user(self.purchaser)
        first.action_resolve()
        self.assertEqual(
            (first.resolved, first.resolved_by_id, record.open_error_count),
            (True, self.purchaser, 1),
        )
        first.action_reopen()
        self.assertEqual((first.resolved_by_id.id, record.open_error_count), (False, 2))

    def test_the_fix_file_has_the_failed_rows_and_their_reasons(self):
        record = self.imported(FAULTY)
        action = record.action_fix_file()
        self.assertIn(
            f"/web/content/supplier.import/{record.id}/fix_file", action["url"]
        )
        self.assertTrue(record.fix_file_name.endswith(".csv"))
        rows = list(
            csv.reader(
                io.StringIO(record._get_fix_file().raw.decode("utf-8-sig")),
                delimiter=";",
            )
        )
        self.assertEqual(
            [row[0] for row in rows], ["EAN", "8710000000031", "8710000000024"]
        )
        # The server is not asked twice.
        self.server.stop()
        try:
            record.action_fix_file()
        finally:
            self.server.start()
        with self.assertRaises(UserError):
            self.imported().action_fix_file()

    def test_the_fix_file_speaks_the_language_of_its_reader(self):
        speak_dutch(self.env)
        record = self.imported(FAULTY)
        reasons = {}
        for language in ("nl_NL", "en_US"):
            reader = record.with_context(lang=language)
            reader.action_fix_file()
            reasons[language] = reader._get_fix_file().raw.decode("utf-8-sig")
        self.assertIn("geen product heeft deze barcode of code", reasons["nl_NL"])
        self.assertNotIn("geen product", reasons["en_US"])

    def test_failed_rows_are_retried_alone_and_sweep_nothing(self):
        record = self.imported(FAULTY, sweep="delete")
        self.env["product.product"].create(
            {"name": "Washer", "barcode": "8710000000031"}
        )
        record.with_user(self.purchaser).action_retry_failed_rows()
        again = self.env["supplier.import"].search([("origin_id", "=", record.id)])
        self.assertEqual(
            (again.partner_id, again.user_id, again.state),
            (self.supplier, self.purchaser, "sending"),
        )
        self.run_to_end(again)
        self.assertEqual(
            (again.rows_total, again.created_count, again.error_count), (2, 1, 1)
        )
        self.assertEqual(self.lines().mapped("price"), [1.5, 2.5])

    def test_what_was_asked_is_told_in_words(self):
        words = str(self.started().options)
        for expected in (
            "Inkoopprijs → Purchase price",
            "Barcode, internal reference",
            "Report the row as failed",
            "Keep them as they are",
        ):
            self.assertIn(expected, words)

    def test_a_supplier_with_imports_is_not_deleted_but_may_be_archived(self):
        record = self.started()
        with (
            self.assertRaises(RestrictViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.supplier.unlink()
        self.supplier.active = False
        self.assertEqual(self.run_to_end(record).status, "succeeded")

    def test_a_supplier_that_is_gone_when_the_job_comes_fails_it_in_words(self):
        record = self.started()
        request = record.sudo().request["import"]
        record.sudo().job_id.request = {"import": {**request, "supplier": "2000000000"}}
        self.send(record)
        self.assertEqual(
            (record.status, record.sudo().job_id.code), ("failed", "SUPPLIER_NOT_FOUND")
        )
        self.assertTrue(record.message)

    def test_an_import_of_the_command_line_has_its_place_in_the_history(self):
        upload = self.client.upload("from-the-shell.csv", [FAULTY])
        job = self.client.enqueue_import(
            {"supplier": str(self.supplier.id), "upload_id": upload["upload_id"]}, ""
        )
        self.until(self.client, job["id"], "SUCCEEDED", "FAILED")
        self.relay()
        record = self.env["supplier.import"].search([("server_id", "=", job["id"])])
        self.assertEqual(
            (record.partner_id, record.file_name, record.status),
            (self.supplier, "from-the-shell.csv", "with_errors"),
        )
        self.assertEqual(
            (len(record.error_ids), record.user_id, record.company_id),
            (2, self.env["res.users"], self.env.company),
        )
        self.assertTrue(record.with_user(self.purchaser).options)
        self.relay()
        self.assertEqual(
            self.env["supplier.import"].search_count([("server_id", "=", job["id"])]), 1
        )

    def test_an_import_was_asked_for_when_the_server_took_it(self):
        upload = self.client.upload("from-the-shell.csv", [LIST])
        job = self.client.enqueue_import(
            {"supplier": str(self.supplier.id), "upload_id": upload["upload_id"]}, ""
        )
        # Odoo hears of it months later.
        told = {**job, "created_at": "2026-03-01T08:00:02.5Z"}
        screen = self.env["sluice.relay"]._screen_of(self.client, told)
        record = self.env["supplier.import"].search([("job_id", "=", screen.id)])
        self.assertEqual(str(record.asked_at), "2026-03-01 08:00:02")

    def test_a_mere_check_of_the_command_line_is_no_import(self):
        upload = self.client.upload("check.csv", [FAULTY])
        request = {
            "supplier": str(self.supplier.id),
            "upload_id": upload["upload_id"],
            "dry_run": True,
        }
        job = self.client.enqueue_import(request, "")
        self.until(self.client, job["id"], "SUCCEEDED", "FAILED")
        self.relay()
        self.assertFalse(
            self.env["supplier.import"].search([("server_id", "=", job["id"])])
        )
        self.assertTrue(self.env["sluice.job"].search([("server_id", "=", job["id"])]))
