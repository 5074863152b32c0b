# From a file to an import: what the purchaser sees on the way, and that nothing is guessed, lost or doubled.
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.sluice.wire.generated import import_queue_pb2

from .upload_case import ASKED, COMPLETE, LIST, UploadCase


@tagged("post_install", "-at_install")
class TestUpload(UploadCase):
    def test_the_list_is_shown_as_the_server_understands_it(self):
        upload = self.upload()
        with self.server(COMPLETE) as server:
            upload.action_read()
        name, pieces = server.upload.call_args.args
        self.assertEqual((name, b"".join(pieces)), ("prices.csv", LIST))
        self.assertEqual(upload.step, "columns")
        self.assertEqual(upload.column_ids.mapped("list_field"), ["barcode", "price"])
        self.assertIn("WINDOWS-1252", upload.detected)
        self.assertFalse(upload.warnings)

    def test_a_price_that_may_include_tax_is_asked_for(self):
        upload = self.upload()
        with self.server(ASKED, COMPLETE):
            upload.action_read()
            self.assertEqual(upload.column_ids[1].question, "Is this without tax?")
            self.assertIn("purchase price", upload.warnings)
            for action in (upload.action_preview, upload.action_import):
                with self.assertRaisesRegex(UserError, "purchase price"):
                    action()
            upload.column_ids[1].list_field = "price"
            upload.action_preview()
        self.assertEqual(upload.step, "preview")
        self.assertEqual(upload.preview["counts"]["created"], 2)
        self.assertFalse(upload.warnings)

    def test_one_meaning_belongs_to_one_column(self):
        upload = self.upload()
        with self.server(COMPLETE):
            upload.action_read()
        upload.column_ids.list_field = "price"
        with self.assertRaisesRegex(UserError, "Two columns"):
            upload.action_preview()

    def test_the_same_file_is_sent_once_and_another_one_anew(self):
        upload = self.upload()
        with self.server(COMPLETE, COMPLETE, COMPLETE) as server:
            upload.action_read()
            upload.action_preview()
            self.assertEqual(server.upload.call_count, 1)
            upload.file = "RUFOO1ByaWpz"
            upload.action_read()
            self.assertEqual(server.upload.call_count, 2)

    def test_an_upload_without_a_list_or_a_supplier_says_what_is_missing(self):
        for values, words in (
            ({"file": False}, "Choose a file"), ({"partner_id": False}, "Choose the supplier"), ({"source": "url"}, "web address"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.upload(**values).action_read()

    def test_every_choice_is_a_message_of_the_contract(self):
        upload = self.upload(
            file_format="csv", encoding="utf-8", delimiter="tab", header_row=2, decimal_style="point", match_order="product_code",
            unknown_product="create", reactivate=True, currency_id=self.env.ref("base.EUR").id, min_stock=2.5, min_price=0.01,
            skip_discontinued=True, blocked_brands="Acme, Other", allowed_barcodes="8710000000017", sweep="end_date", sweep_max_percent=5,
        )
        with self.server(COMPLETE):
            upload.action_read()
            message = import_queue_pb2.SupplierImport(**upload._request())
        self.assertEqual(message.supplier, str(self.supplier.id))
        meanings = [import_queue_pb2.LIST_FIELD_BARCODE, import_queue_pb2.LIST_FIELD_PRICE]
        self.assertEqual([column.field for column in message.mapping], meanings)
        self.assertEqual(list(message.match), [import_queue_pb2.MATCH_BY_PRODUCT_CODE])
        self.assertEqual((message.file.delimiter, message.file.header_row), ("\t", 2))
        self.assertEqual((message.filter.min_stock, message.filter.min_price), ("2.5", "0.01"))
        self.assertEqual(list(message.filter.blocked_brands), ["Acme", "Other"])
        self.assertEqual((message.sweep, message.sweep_max_percent), (import_queue_pb2.SWEEP_POLICY_END_DATE, 5))
        self.assertEqual((message.company_id, message.upload_id), (self.env.company.id, "0199"))

    def test_a_second_click_shows_the_import_of_the_first(self):
        upload = self.upload()
        with self.server(COMPLETE):
            upload.action_read()
            first, second = upload.action_import(), upload.action_import()
        self.assertEqual(first, second)
        record = self.env["supplier.import"].search([("partner_id", "=", self.supplier.id)])
        self.assertEqual(len(record), 1)
        self.assertEqual((record.state, record.status, record.user_id), ("sending", "sending", self.purchaser))
        self.assertEqual((record.job_id.res_model, record.job_id.res_id), ("supplier.import", record.id))
        self.assertEqual(record.job_id.request["import"]["upload_id"], "0199")

    def test_the_list_stays_with_the_import(self):
        record = self.imported()
        self.env.invalidate_all()
        self.assertEqual(record.with_user(self.purchaser).with_context(bin_size=False).file and record.sudo().attachment_id.raw, LIST)
        self.assertEqual(record.sudo().attachment_id.res_field, "file")
