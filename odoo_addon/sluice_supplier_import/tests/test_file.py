# A list on its way from the browser: whatever is lost, repeated or forged, what arrives
# is the list, and it is its sender's.
from datetime import timedelta
from urllib.parse import urlencode

from odoo import Command, fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from ..controllers.price_list_file import ROUTE, TOKEN
from ..wizards.supplier_import_file import LARGEST_PIECE
from .upload_case import LIST, UploadCase

SIZE = len(LIST)
PIECES = (LIST[:20], LIST[20:50], LIST[50:])


@tagged("post_install", "-at_install")
class TestFile(UploadCase):
    def begin(self, content=PIECES[0], size=SIZE, user=None):
        return (
            self.env["supplier.import.file"]
            .with_user(user or self.purchaser)
            ._begin("prices.csv", size, content)
        )

    def attachments(self, file):
        return self.env["ir.attachment"].search(
            [("res_model", "=", file._name), ("res_id", "=", file.id)]
        )

    def test_pieces_become_one_file(self):
        file = self.begin()
        self.assertFalse(file._attachment(), "it is not whole")
        file._take(20, PIECES[1])
        file._take(50, PIECES[2])
        whole = file._attachment()
        self.assertEqual((whole.raw, whole.name), (LIST, "prices.csv"))
        self.assertEqual(self.attachments(file), whole, "the pieces are gone")

    def test_the_words_of_a_list_are_not_indexed(self):
        whole = self.file()._attachment()
        self.assertFalse(whole.index_content)
        self.assertFalse(whole.mimetype.startswith("text/"))

    def test_a_piece_that_comes_again_takes_effect_once(self):
        file = self.begin()
        for offset, piece in ((0, PIECES[0]), (20, PIECES[1]), (20, PIECES[1])):
            file._take(offset, piece)
        self.assertEqual(file.received, 50)
        for _time in range(2):
            file._take(50, PIECES[2])
        self.assertEqual(file._attachment().raw, LIST)
        self.assertEqual(len(self.attachments(file)), 1)

    def test_what_does_not_fit_is_refused_and_changes_nothing(self):
        file = self.begin()
        for name, offset, piece in (
            ("one is missing", 50, PIECES[2]),
            ("it overlaps", 10, PIECES[1]),
            ("it is longer than the file", 20, LIST),
            ("nothing is in it", 20, b""),
            ("no place", -1, PIECES[1]),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, "choose it again"),
            ):
                file._take(offset, piece)
        self.assertEqual(file.received, 20)
        self.assertFalse(file._attachment())

    def test_an_empty_file_and_one_that_is_too_large_are_refused_in_words(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("web.max_file_upload_size", 3_000_000)
        for size, words in ((0, "empty"), (-1, "empty"), (3_000_001, "3 MB")):
            with self.subTest(size=size), self.assertRaisesRegex(UserError, words):
                self.begin(size=size)
        self.assertTrue(self.begin(size=3_000_000))

    def test_strangers_begin_nothing(self):
        for groups in ("base.group_user", "base.group_portal", "base.group_public"):
            user = new_test_user(self.env, f"stranger_{groups}", groups=groups)
            with self.subTest(groups), self.assertRaises(AccessError):
                self.begin(user=user)

    def others(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for login, company in (("here", self.env.company), ("there", elsewhere)):
            yield new_test_user(
                self.env,
                f"colleague_{login}",
                groups="base.group_user,sluice.group_manager,base.group_partner_manager",
                company_id=company.id,
                company_ids=company.ids,
            )

    def test_nobody_else_adds_to_reads_or_uses_a_file(self):
        whole, begun = self.file(), self.begin().sudo(False)
        for user in self.others():
            env = self.env(user=user)
            files, uploads = env["supplier.import.file"], env["supplier.import.upload"]
            line = {"partner_id": self.supplier.id, "file_id": whole.id}
            own = self.file(user=user)
            theirs = files.browse(whole.id)
            content = env["ir.attachment"].browse(whole._attachment().id)
            upload = uploads.create({**line, "file_id": own.id})
            several = env["supplier.import.several"]
            self.assertFalse(files.search([("id", "in", (whole + begun).ids)]))
            self.assertFalse(theirs._attachment())
            for name, call in (
                ("read", theirs.read),
                ("content", lambda content=content: content.read(["raw"])),
                ("wizard", lambda to=uploads, line=line: to.create(line)),
                ("later", lambda to=upload: to.write({"file_id": whole.id})),
                (
                    "several",
                    lambda to=several, line=line: to.create(
                        {"line_ids": [Command.create(line)]}
                    ),
                ),
            ):
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    call()
            with self.assertRaises(MissingError):
                files._own(begun.id)

    def test_files_are_made_by_their_upload_only(self):
        files = self.env["supplier.import.file"].with_user(self.purchaser)
        file = self.begin().sudo(False)
        for call in (
            lambda: files.create({"name": "x", "size": 1, "received": 1}),
            lambda: file.write({"received": file.size}),
            lambda: file.env["ir.attachment"].create(
                {"name": "x", "raw": b"x", "res_model": file._name, "res_id": file.id}
            ),
            file.unlink,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_file_that_is_not_whole_or_was_imported_is_no_list(self):
        begun = self.upload(file_id=self.begin().id)
        with self.assertRaisesRegex(UserError, "Choose a file"):
            begun.action_read()
        imported = self.started()
        file = self.env["supplier.import.file"].search([], limit=1, order="id desc")
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.upload(file_id=file.id).action_read()
        self.assertEqual(imported.sudo().attachment_id.raw, LIST)

    def test_what_nobody_used_goes_after_a_day(self):
        imported = self.started()
        begun, whole = self.begin(), self.file()
        left = self.attachments(begun) + self.attachments(whole)
        self.assertEqual(len(left), 2)
        files = self.env["supplier.import.file"]

        def wait(hours):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE supplier_import_file SET write_date = %s",
                (fields.Datetime.now() - timedelta(hours=hours),),
            )
            self.env.invalidate_all()
            files._transient_vacuum()

        wait(hours=23)
        self.assertEqual(left.exists(), left)
        wait(hours=25)
        self.assertFalse(files.search([]))
        self.assertFalse(left.exists())
        self.assertEqual(imported.sudo().attachment_id.raw, LIST)


@tagged("post_install", "-at_install")
class TestFileOverHttp(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser, cls.colleague = (
            new_test_user(cls.env, login, groups="base.group_user,sluice.group_user")
            for login in ("sluice_purchaser", "sluice_colleague")
        )
        cls.portal = new_test_user(cls.env, "sluice_portal", groups="base.group_portal")

    def log_in(self, user):
        self.authenticate(user.login, user.login)

    def post(self, path="", piece=b"", token=True, **query):
        """Posts a piece as the browser does, or with another token or none."""
        headers = {"Content-Type": "application/octet-stream"}
        if token:
            headers[TOKEN] = Request.csrf_token(self) if token is True else token
        return self.url_open(
            f"{ROUTE}{path}?{urlencode(query)}",
            data=piece,
            headers=headers,
            allow_redirects=False,
            method="POST",
        )

    def begin(self):
        return self.post(name="prices.csv", size=SIZE, piece=PIECES[0])

    def file(self, answer):
        return self.env["supplier.import.file"].browse(answer.json()["id"])

    def test_a_list_goes_up_in_pieces(self):
        self.log_in(self.purchaser)
        answer = self.begin()
        file = self.file(answer)
        told = {"id": file.id, "name": "prices.csv", "received": 20}
        self.assertEqual(answer.json(), told)
        self.assertEqual(file.create_uid, self.purchaser)
        for offset, piece in ((20, PIECES[1]), (20, PIECES[1]), (50, PIECES[2])):
            answer = self.post(f"/{file.id}", piece, offset=offset)
            told["received"] = offset + len(piece)
            self.assertEqual((answer.status_code, answer.json()), (200, told))
        self.assertEqual(file.with_user(self.purchaser)._attachment().raw, LIST)

    def test_what_cannot_be_taken_is_told_in_words_and_leaves_nothing(self):
        self.log_in(self.purchaser)
        file = self.file(self.begin())
        for status, answer in (
            (422, self.post(f"/{file.id}", PIECES[2], offset=50)),
            (422, self.post(f"/{file.id}", PIECES[1], offset="x")),
            (422, self.post(f"/{file.id}", PIECES[1])),
            (422, self.post(name="prices.csv", size=0)),
            (404, self.post("/987654321", PIECES[1], offset=20)),
        ):
            self.assertEqual(answer.status_code, status)
            self.assertGreater(len(answer.json()["error"]), 10)
        self.assertEqual(file.received, 20)
        count = self.env["supplier.import.file"].search_count([])
        self.post(name="prices.csv", size=5, piece=b"longer than that")
        self.assertEqual(self.env["supplier.import.file"].search_count([]), count)

    def test_a_piece_that_is_too_long_is_refused(self):
        self.log_in(self.purchaser)
        answer = self.post(name="x", size=1 << 24, piece=bytes(LARGEST_PIECE + 1))
        self.assertEqual(answer.status_code, 413)
        answer = self.post(name="x", size=1 << 24, piece=bytes(LARGEST_PIECE))
        self.assertEqual(answer.json()["received"], LARGEST_PIECE)

    def test_a_forged_request_of_another_page_is_refused(self):
        self.log_in(self.colleague)
        others = Request.csrf_token(self)
        self.log_in(self.purchaser)
        count = self.env["supplier.import.file"].search_count([])
        for token in (None, "x", others):
            answer = self.post(name="x", size=1, piece=b"x", token=token)
            self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.env["supplier.import.file"].search_count([]), count)

    def test_others_are_refused(self):
        self.log_in(self.purchaser)
        file = self.file(self.begin())
        self.log_in(self.colleague)
        answer = self.post(f"/{file.id}", PIECES[1], offset=20)
        self.assertEqual(answer.status_code, 404)
        self.log_in(self.portal)
        self.assertEqual(self.begin().status_code, 403)
        answer = self.post(f"/{file.id}", PIECES[1], offset=20)
        self.assertEqual(answer.status_code, 404)
        self.logout()
        self.assertEqual(self.begin().status_code, 303, "to the page for logging in")
        self.assertEqual(file.received, 20)

    def test_the_page_knows_how_large_a_file_may_be(self):
        self.log_in(self.purchaser)
        # What the page compares a file with before it sends anything.
        limit = self.make_jsonrpc_request("/web/session/get_session_info")[
            "max_file_upload_size"
        ]
        self.assertEqual(limit, self.env["supplier.import.file"]._largest())
        self.assertLess(limit, 200_000_000)
