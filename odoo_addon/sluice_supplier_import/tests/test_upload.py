# From a file to an import: what the purchaser sees on the way, and that nothing is
# guessed, lost or doubled.
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.sluice.wire.errors import ServerError
from odoo.addons.sluice.wire.generated import import_queue_pb2

from .upload_case import ASKED, LIST, UploadCase


@tagged("post_install", "-at_install")
class TestUpload(UploadCase):
    def read_list(self, content=LIST, **values):
        upload = self.upload(content, **values)
        upload.action_read()
        return upload

    def test_the_list_is_shown_as_the_server_understands_it(self):
        upload = self.read_list()
        self.assertEqual(upload.step, "columns")
        self.assertEqual(
            upload.column_ids.mapped("list_field"), ["barcode", "price", "product_name"]
        )
        self.assertEqual(upload.column_ids[2].samples, "Moer né 8  ·  Bout")
        self.assertIn("WINDOWS-1252", upload.detected)
        self.assertFalse(upload.warnings)

    def test_a_price_that_may_include_tax_is_asked_for(self):
        upload = self.read_list(ASKED)
        self.assertIn("tax", upload.column_ids[1].question)
        self.assertIn("purchase price", upload.warnings)
        for action in ("action_preview", "action_import"):
            with self.assertRaisesRegex(UserError, "purchase price"):
                getattr(upload, action)()
        upload.column_ids[1].list_field = "price"
        upload.action_preview()
        self.assertEqual(upload.step, "preview")
        self.assertEqual(upload.preview["counts"]["created"], 2)
        self.assertFalse(upload.warnings)
        self.assertFalse(self.lines(), "a preview writes nothing")

    def test_one_meaning_belongs_to_one_column(self):
        upload = self.read_list()
        upload.column_ids.list_field = "price"
        with self.assertRaisesRegex(UserError, "Two columns"):
            upload.action_preview()

    def test_the_same_file_is_sent_once_and_another_one_anew(self):
        upload = self.read_list()
        first = upload.upload_ref
        upload.action_preview()
        self.assertEqual(upload.upload_ref, first)
        upload.file_id = self.file(ASKED)
        upload.action_read()
        self.assertNotEqual(upload.upload_ref, first)

    def test_what_was_remembered_for_the_supplier_is_offered_again(self):
        upload = self.read_list(ASKED)
        upload.column_ids[1].list_field = "price"
        upload.action_import()
        self.run_to_end(upload.import_id)
        self.assertEqual(self.read_list(ASKED).column_ids[1].list_field, "price")

    def test_an_upload_without_a_list_or_a_supplier_says_what_is_missing(self):
        for values, words in (
            ({"content": False}, "Choose a file"),
            ({"partner_id": False}, "Choose the supplier"),
            ({"source": "url"}, "web address"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.upload(**values).action_read()

    def test_a_file_that_is_no_list_is_said_so(self):
        for content in (
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            b"%PDF-1.7 price list",
        ):
            upload = self.upload(content)
            with self.subTest(content[:4]), self.assertRaises(ServerError) as caught:
                upload.action_read()
            self.assertEqual(caught.exception.reason, "FILE_UNREADABLE")

    def test_every_choice_is_a_message_of_the_contract(self):
        upload = self.read_list(
            encoding="windows-1252",
            delimiter="semicolon",
            header_row=1,
            decimal_style="comma",
            match_order="product_code",
            unknown_product="create",
            reactivate=True,
            currency_id=self.env.ref("base.EUR").id,
            min_stock=2.5,
            min_price=0.01,
            skip_discontinued=True,
            blocked_brands="Acme, Other",
            allowed_barcodes="8710000000017",
            sweep="end_date",
            sweep_max_percent=5,
        )
        message = import_queue_pb2.SupplierImport(**upload._request())
        self.assertEqual(message.supplier, str(self.supplier.id))
        meanings = [
            import_queue_pb2.LIST_FIELD_BARCODE,
            import_queue_pb2.LIST_FIELD_PRICE,
            import_queue_pb2.LIST_FIELD_PRODUCT_NAME,
        ]
        self.assertEqual([column.field for column in message.mapping], meanings)
        self.assertEqual(list(message.match), [import_queue_pb2.MATCH_BY_PRODUCT_CODE])
        self.assertEqual((message.file.delimiter, message.file.header_row), (";", 1))
        self.assertEqual(
            (message.filter.min_stock, message.filter.min_price), ("2.5", "0.01")
        )
        self.assertEqual(list(message.filter.blocked_brands), ["Acme", "Other"])
        self.assertEqual(
            (message.sweep, message.sweep_max_percent),
            (import_queue_pb2.SWEEP_POLICY_END_DATE, 5),
        )
        self.assertEqual(
            (message.company_id, message.upload_id),
            (self.env.company.id, upload.upload_ref),
        )

    def test_a_second_click_shows_the_import_of_the_first(self):
        upload = self.read_list()
        first, second = upload.action_import(), upload.action_import()
        self.assertEqual(first, second)
        record = self.env["supplier.import"].search(
            [("partner_id", "=", self.supplier.id)]
        )
        self.assertEqual(len(record), 1)
        self.assertEqual(
            (record.state, record.status, record.user_id),
            ("sending", "sending", self.purchaser),
        )
        self.assertEqual(
            (record.job_id.res_model, record.job_id.res_id),
            ("supplier.import", record.id),
        )
        self.run_to_end(record)
        self.send(record)
        self.assertEqual(len(self.client.jobs()["jobs"]), 1)

    def test_a_wizard_left_open_goes_on_after_the_server_was_restarted(self):
        upload = self.read_list()
        self.server.stop()
        try:
            with self.assertRaises(ServerError) as caught:
                upload.action_preview()
            self.assertTrue(caught.exception.is_away)
        finally:
            self.server.start()
        upload.action_preview()
        self.assertEqual(upload.step, "preview")
        upload.action_import()
        self.assertEqual(self.run_to_end(upload.import_id).status, "succeeded")
        self.assertEqual(self.lines().mapped("price"), [1.5, 2.5])

    def test_a_company_that_is_not_the_users_any_more_is_refused(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.purchaser.company_ids += elsewhere
        upload = self.upload().with_context(allowed_company_ids=[elsewhere.id])
        upload.sudo().company_id = elsewhere
        upload.action_read()
        # The user looks at another company now: the list stays one of the company that
        # it was begun for.
        home = upload.with_context(allowed_company_ids=[self.env.company.id])
        home.action_import()
        self.assertEqual(upload.sudo().import_id.company_id, elsewhere)
        other = self.upload()
        other.sudo().company_id = elsewhere
        self.purchaser.company_ids -= elsewhere
        for action in ("action_read", "action_preview", "action_import"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(other, action)()

    def test_the_list_stays_with_the_import(self):
        record = self.started()
        self.env.invalidate_all()
        self.assertEqual(
            record.with_user(self.purchaser).with_context(bin_size=False).file
            and record.sudo().attachment_id.raw,
            LIST,
        )
        self.assertEqual(record.sudo().attachment_id.res_field, "file")
