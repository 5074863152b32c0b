# Schedules: the server keeps them as they are wanted here, their runs are in the
# history, and somebody hears of failures.
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.sluice.tests.dutch_case import speak_dutch
from odoo.addons.sluice.wire.settings import ADDRESS

from .upload_case import FAULTY, LIST, UploadCase

WARNING = "mail.mail_activity_data_warning"


@tagged("post_install", "-at_install")
class TestSchedule(UploadCase):
    def schedule(self, url="https://supplier.example/list.csv", **values):
        schedule = (
            self.env["supplier.import.schedule"]
            .with_user(self.purchaser)
            .create(
                {
                    "partner_id": self.supplier.id,
                    "url": url,
                    "hour": 3.5,
                    "tz": "Europe/Brussels",
                    **values,
                }
            )
        )
        return schedule

    def send(self, record):
        if record._name != "supplier.import.schedule":
            return super().send(record)
        record.sudo()._send()
        return record

    def kept(self):
        return {one["name"]: one for one in self.client.list_schedules()["schedules"]}

    @contextmanager
    def shop(self, content):
        """A supplier's web shop that serves a list; `None` is nothing."""

        class Shop(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if content else 404)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_arguments):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/list.csv"
            server.shutdown()

    def run_once(self, content, **values):
        """A schedule that has run once; its run is the one that the purchaser asks for
        at once.
        """
        with self.shop(content) as url:
            schedule = self.schedule(url, **values)
            schedule.action_run_now()
            self.run_to_end(schedule.import_ids)
        return schedule

    def test_the_server_keeps_what_is_wanted(self):
        schedule = self.send(self.schedule(days="1-5", unknown_product="skip"))
        self.assertEqual(schedule.kept, "kept")
        self.assertTrue(schedule.next_run_at)
        there = self.kept()[schedule.name_on_server]
        self.assertEqual(
            (there["cron"], there["time_zone"]), ("30 3 * * 1-5", "Europe/Brussels")
        )
        self.assertEqual(
            (there["import"]["url"], there["import"]["supplier"]),
            (schedule.url, str(self.supplier.id)),
        )
        self.assertEqual(there["import"]["unknown_product"], "UNKNOWN_PRODUCT_SKIP")

    def test_open_pages_hear_what_becomes_of_a_schedule_and_of_its_runs(self):
        told = []
        self.patch(
            type(self.env["bus.bus"]),
            "_sendone",
            lambda _bus, channel, kind, message: told.append((channel, kind, message)),
        )

        def heard():
            mine = [one for one in told if one[1] == "sluice.record/changed"]
            told.clear()
            return mine

        with self.shop(LIST) as url:
            schedule = self.schedule(url)
            message = {"model": schedule._name, "id": schedule.id}
            channel = (schedule.company_id, "sluice.job")
            self.send(schedule)
            self.assertEqual(heard(), [(channel, "sluice.record/changed", message)])
            self.send(schedule)
            self.assertFalse(heard(), "nothing is new")
            schedule.action_run_now()
            self.assertTrue(heard())
            self.run_to_end(schedule.import_ids)
        self.assertTrue(heard())

    def test_a_change_is_sent_and_a_remark_is_not(self):
        schedule = self.send(self.schedule())
        schedule.warn_errors = 7
        self.assertEqual(schedule.kept, "kept")
        schedule.hour = 4
        self.assertEqual(schedule.kept, "waiting")
        self.send(schedule)
        self.assertEqual(self.kept()[schedule.name_on_server]["cron"], "0 4 * * *")

    def test_an_archived_schedule_is_not_kept_and_comes_back(self):
        schedule = self.send(self.schedule())
        schedule.active = False
        self.send(schedule)
        self.assertEqual((schedule.kept, self.kept()), ("stopped", {}))
        schedule.active = True
        self.send(schedule)
        self.assertEqual(list(self.kept()), [schedule.name_on_server])

    def test_a_server_that_is_away_hears_of_it_later(self):
        schedule = self.schedule()
        self.server.stop()
        try:
            self.send(schedule)
            self.assertEqual(schedule.kept, "waiting")
            self.assertIn("does not answer", schedule.message)
        finally:
            self.server.start()
        self.env["supplier.import.schedule"]._keep()
        self.assertEqual((schedule.kept, schedule.message), ("kept", False))
        self.assertEqual(list(self.kept()), [schedule.name_on_server])

    def test_a_schedule_waits_for_a_connection_and_says_so_in_each_language(self):
        schedule = self.schedule()
        address = self.env["ir.config_parameter"].get_param(ADDRESS)
        self.env["ir.config_parameter"].set_param(ADDRESS, False)
        self.send(schedule)
        self.assertEqual((schedule.kept, schedule.code), ("waiting", "NO_SERVER"))
        self.assertIn("No Sluice server is set yet", schedule.message)
        speak_dutch(self.env)
        self.assertIn(
            "Er is nog geen Sluice-server", schedule.with_context(lang="nl_NL").message
        )
        self.env["ir.config_parameter"].set_param(ADDRESS, address)
        self.env["supplier.import.schedule"]._keep()
        self.assertEqual((schedule.kept, schedule.message), ("kept", False))

    def test_what_nobody_wants_any_more_is_removed_and_what_was_lost_is_sent_again(
        self,
    ):
        gone, lost = self.send(self.schedule()), self.send(self.schedule())
        gone_name = gone.name_on_server
        gone.unlink()  # the server does not hear of it: a test commits nothing
        self.client.delete_schedule(lost.name_on_server)
        self.client.save_schedule(
            {
                "name": "by-hand",
                "cron": "0 5 * * *",
                "import": {
                    "supplier": str(self.supplier.id),
                    "url": "https://supplier.example/x",
                },
            }
        )
        self.assertIn(gone_name, self.kept())
        self.env["supplier.import.schedule"]._keep()
        self.assertEqual(set(self.kept()), {lost.name_on_server, "by-hand"})

    def test_what_the_server_refuses_is_said(self):
        schedule = self.send(
            self.schedule("http://user:secret@supplier.example/list.csv")
        )
        self.assertEqual(schedule.kept, "refused")
        self.assertTrue(schedule.message)

    def test_a_run_of_the_servers_clock_is_in_the_history(self):
        with self.shop(LIST) as url:
            schedule = self.send(self.schedule(url))
            # The job is what the server makes when the time has come; its clock is not
            # ours to turn.
            record = self.env["supplier.import"]._begun_elsewhere(
                {
                    "import": {
                        **self.kept()[schedule.name_on_server]["import"],
                        "dry_run": False,
                    },
                    "schedule": schedule.name_on_server,
                },
                {
                    "title": "Import list.csv",
                    "kind": "supplier_import",
                    "state": "succeeded",
                    "server_id": "0199",
                },
            )
        self.assertEqual(
            (record.schedule_id, record.partner_id, record.file_name),
            (schedule, self.supplier, "list.csv"),
        )
        self.assertEqual(
            (record.user_id, record.company_id), (self.purchaser, self.env.company)
        )
        self.assertEqual(
            (schedule.import_count, schedule.last_import_id, schedule.last_status),
            (1, record, "succeeded"),
        )

    def test_a_list_that_is_imported_well_warns_nobody(self):
        schedule = self.run_once(LIST)
        self.assertEqual(
            (schedule.last_status, schedule.activity_ids.ids), ("succeeded", [])
        )

    def test_a_list_that_is_not_there_warns_the_responsible_person(self):
        schedule = self.run_once(None)
        self.assertEqual(schedule.last_status, "failed")
        warning = schedule.activity_ids
        self.assertEqual(
            (warning.user_id, warning.activity_type_id),
            (self.purchaser, self.env.ref(WARNING)),
        )
        self.assertIn("404", warning.note)

    def test_failed_rows_warn_from_the_chosen_count(self):
        self.assertFalse(self.run_once(FAULTY, warn_errors=3).activity_ids)
        self.assertFalse(self.run_once(FAULTY, warn_errors=0).activity_ids)
        self.assertIn(
            "2 of 3 rows", self.run_once(FAULTY, warn_errors=2).activity_ids.note
        )

    def test_one_warning_stands_until_a_run_is_well(self):
        schedule = self.run_once(None)
        first = schedule.activity_ids
        schedule._import_changed(schedule.last_import_id)
        self.assertEqual(schedule.activity_ids, first)
        with self.shop(LIST) as url:
            schedule.url = url
            schedule.action_run_now()
            self.run_to_end(schedule.last_import_id)
        self.assertFalse(schedule.activity_ids)

    def test_an_address_and_a_time_are_checked(self):
        for values in (
            {"url": "ftp://supplier.example/list.csv"},
            {"hour": 24},
            {"hour": -1},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.schedule(**values)

    def test_schedules_are_seen_and_made_in_the_own_companies_only(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        schedule = self.schedule()
        colleague = new_test_user(
            self.env,
            "colleague_elsewhere",
            groups="base.group_user,sluice.group_user",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        self.assertFalse(
            self.env["supplier.import.schedule"]
            .with_user(colleague)
            .search([("id", "=", schedule.id)])
        )
        for call in (
            lambda: schedule.with_user(colleague).write({"hour": 1}),
            schedule.with_user(colleague).action_run_now,
            lambda: self.schedule(company_id=elsewhere.id),
        ):
            with self.assertRaises(AccessError):
                call()
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            schedule.with_user(stranger).read()

    def test_what_the_server_says_is_not_written_by_users(self):
        schedule = self.schedule()
        for values in (
            {"name_on_server": "by-hand"},
            {"kept": "kept"},
            {"last_import_id": False},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                schedule.write(values)
            with self.subTest(values), self.assertRaises(AccessError):
                self.schedule(**values)

    def test_a_list_from_the_web_can_be_scheduled_from_the_wizard(self):
        with self.shop(LIST) as url:
            upload = self.upload(
                content=False, source="url", url=url, unknown_product="create"
            )
            upload.action_read()
            action = upload.action_schedule()
        schedule = self.env["supplier.import.schedule"].browse(action["res_id"])
        self.assertEqual(
            (schedule.partner_id, schedule.url, schedule.unknown_product),
            (self.supplier, url, "create"),
        )
        self.send(schedule)
        mapping = self.kept()[schedule.name_on_server]["import"]["mapping"]
        self.assertEqual(
            mapping[1], {"column": "Inkoopprijs", "field": "LIST_FIELD_PRICE"}
        )
