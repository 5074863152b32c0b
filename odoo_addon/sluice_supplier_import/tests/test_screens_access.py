# Who may see, start and steer imports on the screens.
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .upload_case import UploadCase


@tagged("post_install", "-at_install")
class TestScreensAccess(UploadCase):
    def imported(self, **counters):
        record = self.started()
        record.sudo().job_id.write(
            {"server_id": f"job-{record.id}", "state": "running", **counters}
        )
        return record

    def test_strangers_see_and_start_nothing(self):
        record = self.imported(error_count=1)
        error = self.env["supplier.import.error"].create(
            {"import_id": record.id, "code": "other", "row": 2}
        )
        for login, groups in (
            ("stranger", "base.group_user"),
            ("portal_stranger", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            calls = (
                record.with_user(user).read,
                record.with_user(user).action_cancel,
                record.with_user(user).action_fix_file,
                error.with_user(user).action_resolve,
                lambda user=user: (
                    self.env["supplier.import.upload"]
                    .with_user(user)
                    .create({"partner_id": self.supplier.id})
                ),
            )
            for call in calls:
                with self.subTest(login=login), self.assertRaises(AccessError):
                    call()

    def test_imports_are_seen_in_their_company_only(self):
        record = self.imported()
        error = self.env["supplier.import.error"].create(
            {"import_id": record.id, "code": "other", "row": 2}
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        colleague = new_test_user(
            self.env,
            "colleague_elsewhere",
            groups="base.group_user,sluice.group_user",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        self.assertFalse(
            self.env["supplier.import"]
            .with_user(colleague)
            .search([("id", "=", record.id)])
        )
        record, error = record.with_user(colleague), error.with_user(colleague)
        for call in (record.read, record.action_fix_file, error.action_resolve):
            with self.assertRaises(AccessError):
                call()

    def test_an_upload_belongs_to_whoever_began_it(self):
        upload = self.upload()
        colleague = new_test_user(
            self.env,
            "sluice_test_colleague",
            groups="base.group_user,sluice.group_user",
        )
        with self.assertRaises(AccessError):
            upload.with_user(colleague).action_read()

    def test_a_company_that_is_not_the_users_is_refused(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        upload = self.upload()
        upload.sudo().company_id = elsewhere
        with self.assertRaises(AccessError):
            upload.action_read()

    def test_purchasers_write_neither_imports_nor_failed_rows(self):
        record = self.imported().with_user(self.purchaser)
        error = (
            self.env["supplier.import.error"]
            .create({"import_id": record.id, "code": "other", "row": 2})
            .with_user(self.purchaser)
        )
        for call in (
            lambda: record.write({"file_name": "other"}),
            record.unlink,
            lambda: error.write({"resolved": True}),
            lambda: record.create(
                {
                    "partner_id": self.supplier.id,
                    "file_name": "x",
                    "title": "x",
                    "kind": "y",
                }
            ),
        ):
            with self.assertRaises(AccessError):
                call()
