# The mirror's screen: what is mirrored, how far it is, and Force Sync from a list.
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import sluice_relay
from ..wire.errors import ServerError
from .dutch_case import speak_dutch
from .real_server import RealServerCase

MODEL = "res.country"


@tagged("post_install", "-at_install")
class TestMirrorScreen(RealServerCase):
    def setUp(self):
        super().setUp()
        self.client = self.connect()
        self.patch(sluice_relay, "RUN_SECONDS", 1)
        user = self.env["sluice.connection"]._service_user_if_any()
        user.group_ids += self.env.ref("base.group_user")
        self.countries = self.env[MODEL].with_context(active_test=False)
        self.mirrors = self.env["sluice.mirror.model"]

    def add(self, **values):
        """Chooses the model as an administrator does; the action that follows."""
        window = self.env["sluice.mirror.add"].create(
            {"model_id": self.env["ir.model"]._get_id(MODEL), **values}
        )
        return window.action_add()

    def mirrored(self):
        self.env.invalidate_all()
        return self.mirrors.search([("model", "=", MODEL)])

    def relay(self):
        self.env.flush_all()
        self.env["sluice.relay"]._run()
        self.env.invalidate_all()

    def run_to_end(self, action):
        """Follows the job that an action shows; its screen."""
        job = self.env["sluice.job"].browse(action["res_id"])
        self.assertEqual(action["res_model"], "sluice.job")
        self.until(self.client, job.server_id, "SUCCEEDED", "FAILED")
        self.relay()
        return job

    def test_a_model_is_mirrored_and_its_screen_tells_how_far_it_is(self):
        job = self.run_to_end(self.add())
        self.assertEqual(
            (job.state, job.user_id), ("succeeded", self.env.user), job.message
        )
        self.assertEqual((job.kind_name, job.company_id.ids), ("Mirror", []))
        self.assertEqual(job.title, f"Country ({MODEL})")
        mirrored = self.mirrored()
        count = self.countries.search_count([])
        self.assertEqual(
            (mirrored.state, mirrored.row_count, mirrored.job_id), ("done", count, job)
        )
        self.assertEqual(
            (mirrored.refresh, mirrored.table), ("Every 5 minutes", "res_country")
        )
        self.assertTrue(mirrored.cursor_at and mirrored.lag)

    def test_a_change_in_odoo_is_counted_by_the_next_sync(self):
        self.run_to_end(self.add())
        country = self.countries.create({"name": "Freedonia", "code": "XF"})
        # All of a test is one transaction, which is as old as its first record.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_country SET write_date = clock_timestamp() AT TIME ZONE 'UTC' "
            "WHERE id = %s",
            (country.id,),
        )
        job = self.run_to_end(self.mirrored().action_sync())
        self.assertEqual(job.created_count, 1)
        self.assertEqual(self.mirrored().row_count, self.countries.search_count([]))

    def test_the_chosen_records_of_a_list_are_read(self):
        self.run_to_end(self.add())
        action = self.mirrored().action_id
        self.assertEqual(
            (action.binding_model_id.model, action.binding_view_types),
            (MODEL, "list,form"),
        )
        chosen = self.countries.search([], limit=3)
        context = {"active_model": MODEL, "active_ids": chosen.ids}
        job = self.run_to_end(action.with_context(**context).run())
        self.assertEqual((job.state, job.rows_done), ("succeeded", 3))

    def test_the_action_is_offered_only_where_it_is_wanted(self):
        self.run_to_end(self.add(offer=False))
        mirrored = self.mirrored()
        self.assertFalse(mirrored.action_id)
        mirrored.action_offer()
        action = mirrored.action_id
        bound = self.env["ir.actions.actions"].get_bindings(MODEL).get("action", ())
        self.assertIn(action.id, [one["id"] for one in bound])
        mirrored.action_withdraw()
        self.assertFalse(action.exists())

    def test_a_second_run_shows_the_first_and_how_far_it_is(self):
        self.run_to_end(self.add())
        first = self.client.sync_model(MODEL, full=True)
        told = self.mirrored().action_sync()
        self.assertEqual(told["tag"], "display_notification")
        self.assertEqual(told["params"]["type"], "warning")
        self.assertIn("is being read already", told["params"]["title"])
        self.assertRegex(told["params"]["message"], r"\d+ %, \d+ of \d+ records")
        shown = self.env["sluice.job"].browse(told["params"]["next"]["res_id"])
        self.assertEqual(shown.server_id, first["id"])
        self.run_to_end(told["params"]["next"])
        self.assertEqual(shown.state, "succeeded")

    def test_a_job_begun_elsewhere_is_known_by_its_model(self):
        self.run_to_end(self.add())
        begun = self.client.sync_model(MODEL)
        self.until(self.client, begun["id"], "SUCCEEDED", "FAILED")
        self.relay()
        job = self.env["sluice.job"].search([("server_id", "=", begun["id"])])
        self.assertEqual((job.title, job.user_id.ids), (f"Country ({MODEL})", []))
        self.assertEqual(self.mirrored().job_id, job)

    def test_what_is_mirrored_no_longer_leaves_the_screen(self):
        self.run_to_end(self.add())
        action = self.mirrored().action_id
        self.mirrored().action_stop()
        self.assertFalse(self.mirrored())
        self.assertFalse(action.exists())
        self.assertFalse(self.client.mirror_status()["models"])

    def test_what_was_configured_elsewhere_is_shown(self):
        self.client.configure_mirror([{"model": "res.currency", "cron": "7 7 * * *"}])
        self.mirrors.action_open()
        mirrored = self.mirrors.search([("model", "=", "res.currency")])
        self.assertEqual(
            (mirrored.state, mirrored.refresh), ("not_started", "7 7 * * *")
        )

    def test_deleted_records_are_found(self):
        gone = self.countries.create({"name": "Freedonia", "code": "XF"})
        self.run_to_end(self.add())
        gone.unlink()
        job = self.run_to_end(self.mirrored().action_clean_up())
        self.assertEqual((job.state, job.kind_name), ("succeeded", "Deleted records"))
        self.assertEqual(self.mirrored().deleted_count, 1)

    def test_fields_and_records_that_are_left_out_are_told_in_the_readers_language(
        self,
    ):
        mirrored = self.mirrors.create(
            {
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "dropped_fields": [
                    {"name": "flag", "code": "binary", "reason": "is a file"}
                ],
                "parked_records": [{"odoo_id": 7, "tries": 4, "error": "no such code"}],
                "parked_count": 3,
            }
        )
        self.assertEqual(mirrored.dropped_words, "flag: Is a file.")
        self.assertEqual(
            mirrored.parked_words,
            "Record 7, tried 4 times: no such code\nand 2 more",
        )
        speak_dutch(self.env)
        dutch = mirrored.with_context(lang="nl_NL")
        self.assertEqual(
            dutch.dropped_words,
            "flag: Bestanden en afbeeldingen worden niet gespiegeld.",
        )
        self.assertIn("en 2 andere", dutch.parked_words)

    def test_what_the_server_refuses_is_said(self):
        window = self.env["sluice.mirror.add"].create(
            {"model_id": self.env["ir.model"]._get_id("ir.config_parameter")}
        )
        with self.assertRaises(ServerError) as caught, mute_logger("odoo.http"):
            window.action_add()
        self.assertEqual(caught.exception.reason, "ODOO_NOT_ALLOWED")
        with self.assertRaises(ServerError) as caught:
            self.env["sluice.mirror.overview"].action_open()
        self.assertEqual(caught.exception.reason, "SYNC_NOT_READY")

    def test_the_overview_tells_counts(self):
        user = self.env["sluice.connection"]._service_user_if_any()
        user.group_ids += self.env.ref("base.group_partner_manager")
        job = self.client.sync_model("res.partner")
        self.until(self.client, job["id"], "SUCCEEDED", "FAILED")
        action = self.env["sluice.mirror.overview"].action_open()
        overview = self.env["sluice.mirror.overview"].browse(action["res_id"])
        self.assertTrue(overview.as_of)
        self.assertEqual(overview.line_ids.mapped("section"), ["contacts"])
        self.assertGreater(overview.line_ids.row_count, 0)

    def test_managers_sync_and_administrators_choose(self):
        self.run_to_end(self.add())
        mirrored = self.mirrored()
        manager = new_test_user(
            self.env, "sluice_test_manager", groups="sluice.group_manager"
        )
        user = new_test_user(self.env, "sluice_test_user", groups="sluice.group_user")
        for name in (
            "action_sync",
            "action_sync_all",
            "action_clean_up",
            "action_open",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(mirrored.with_user(user), name)()
        for name in ("action_stop", "action_offer", "action_withdraw"):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(mirrored.with_user(manager), name)()
        with self.assertRaises(AccessError):
            mirrored.with_user(user).read(["state"])
        with self.assertRaises(AccessError):
            self.env["sluice.mirror.add"].with_user(manager).create({})
        with self.assertRaises(AccessError):
            mirrored.with_user(manager).write({"state": "failed"})
        job = self.run_to_end(mirrored.with_user(manager).action_sync())
        self.assertEqual(job.user_id, manager)
        self.assertTrue(mirrored.with_user(manager).read(["state", "lag", "job_id"]))
