# What a job shows of the server's story, and who may see and steer it.
from unittest.mock import Mock, patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from .dutch_case import speak_dutch

SWEEP_LEFT = (
    "lines that the list does not name were kept: 1,300 of 2,000 lines would be "
    "touched, more than the 20 % that are allowed; enqueue again with a larger share "
    "if that is right"
)


def event(seq, kind, rows_done=0, message="", **counters):
    return {
        "job_id": "j",
        "seq": seq,
        "type": f"EVENT_TYPE_{kind}",
        "time": f"2026-03-01T08:00:{seq:02}Z",
        "message": message,
        "code": "",
        "counters": {
            "rows_total": 400,
            "rows_done": rows_done,
            "created": 0,
            "updated": 0,
            "unchanged": 0,
            "skipped": 0,
            "errors": 0,
            **counters,
        },
    }


@tagged("post_install", "-at_install")
class TestJob(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job = cls.env["sluice.job"].create(
            {
                "title": "Gates Ltd, list.csv",
                "kind": "supplier_import",
                "request": {"import": {"supplier": "1"}},
            }
        )

    def test_the_bar_follows_the_story(self):
        for told, state, percent in (
            (event(1, "QUEUED"), "queued", 0),
            (event(2, "STARTED"), "running", 0),
            (event(3, "PROGRESS", 100, created=100), "running", 25),
            (event(4, "PAUSED", 100, created=100), "paused", 25),
            (event(5, "RESUMED", 100, created=100), "queued", 25),
            (
                event(6, "SUCCEEDED", 400, "400 rows", created=390, errors=10),
                "succeeded",
                100,
            ),
        ):
            self.job._on_event(told)
            self.assertEqual(
                (self.job.state, self.job.percent, self.job.seq),
                (state, percent, told["seq"]),
            )
        self.assertEqual(
            (self.job.created_count, self.job.error_count, self.job.message),
            (390, 10, "400 rows."),
        )
        self.assertEqual(str(self.job.started_at), "2026-03-01 08:00:02")
        self.assertEqual(str(self.job.finished_at), "2026-03-01 08:00:06")

    def test_what_a_job_waits_for_is_said_until_it_goes_on(self):
        self.job._on_event(event(1, "PROGRESS", 100, "100 of 400 rows"))
        self.assertFalse(self.job.message)
        self.job._on_event(event(2, "WAITING", 100, "Odoo does not answer"))
        self.assertEqual(
            (self.job.state, self.job.message), ("running", "Odoo does not answer.")
        )
        self.job._on_event(event(3, "PROGRESS", 200, "200 of 400 rows"))
        self.assertFalse(self.job.message)

    def test_an_event_that_comes_twice_or_late_changes_nothing(self):
        self.job._on_event(event(3, "SUCCEEDED", 400))
        self.job._on_event(event(2, "PROGRESS", 100))
        self.assertEqual((self.job.state, self.job.rows_done), ("succeeded", 400))

    def test_the_message_is_in_the_readers_language(self):
        speak_dutch(self.env)
        self.job._on_event(
            {
                **event(1, "WAITING", message="Odoo does not answer: no route"),
                "code": "odoo_away",
            }
        )
        self.assertEqual(self.job.message, "Odoo does not answer: no route.")
        dutch = "Odoo antwoordt niet; de taak wacht daarop en gaat vanzelf verder."
        self.assertEqual(self.job.with_context(lang="nl_NL").message, dutch)
        self.assertEqual(self.job._screen()["messages"]["nl_NL"], dutch)
        self.job._on_event(
            event(2, "CONTINUED", message="Odoo is back, going on at row 5,000")
        )
        self.assertEqual(
            self.job.with_context(lang="nl_NL").message,
            "Odoo is terug, het gaat verder bij regel 5,000.",
        )
        self.job._on_event(
            {
                **event(3, "NOTE", message=SWEEP_LEFT),
                "code": "sweep_left_for_its_size",
            }
        )
        self.assertIn("1,300 of 2,000 lines", self.job.message)
        self.assertEqual(
            self.job.with_context(lang="nl_NL").message,
            "Regels die niet meer in de lijst staan, bleven staan: 1,300 van de 2,000 "
            "zouden worden geraakt, meer dan de toegestane 20 %.",
        )
        self.job._on_event(event(4, "PROGRESS", message="500 of 900 compared"))
        self.assertFalse(
            self.job.with_context(lang="nl_NL").message, "a step in passing"
        )
        self.job._on_event(
            {**event(5, "NOTE", message="a word of tomorrow"), "code": "unheard_of"}
        )
        self.assertEqual(
            self.job.with_context(lang="nl_NL").message, "A word of tomorrow."
        )

    def test_a_job_that_was_not_sent_is_cancelled_here(self):
        self.job.action_cancel()
        self.assertEqual(self.job.state, "cancelled")

    def test_users_see_and_steer_the_jobs_of_their_companies_only(self):
        other = self.env["res.company"].create({"name": "Other"})
        colleague = new_test_user(
            self.env, "sluice_colleague", groups="sluice.group_user"
        )
        elsewhere = new_test_user(
            self.env,
            "sluice_elsewhere",
            groups="sluice.group_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertEqual(self.job.with_user(colleague).title, self.job.title)
        self.job.with_user(colleague).action_cancel()
        self.assertFalse(
            self.env["sluice.job"]
            .with_user(elsewhere)
            .search([("id", "=", self.job.id)])
        )
        with self.assertRaises(AccessError):
            self.job.with_user(elsewhere).action_cancel()

    def test_strangers_are_refused(self):
        for login, groups in (
            ("stranger", "base.group_user"),
            ("portal_stranger", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            for method in (
                "action_cancel",
                "action_pause",
                "action_resume",
                "action_retry",
                "read",
            ):
                with self.subTest(f"{login} {method}"), self.assertRaises(AccessError):
                    getattr(self.job.with_user(user), method)()

    def test_users_neither_make_jobs_by_hand_nor_read_what_was_asked(self):
        user = new_test_user(self.env, "sluice_colleague", groups="sluice.group_user")
        with self.assertRaises(AccessError):
            self.env["sluice.job"].with_user(user).create(
                {"title": "x", "kind": "supplier_import"}
            )
        with self.assertRaises(AccessError):
            self.job.with_user(user).read(["request"])

    def test_only_users_of_sluice_hear_of_jobs_and_only_of_their_companies(self):
        user = new_test_user(self.env, "sluice_colleague", groups="sluice.group_user")
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        websocket = self.env["ir.websocket"]
        with patch(
            "odoo.addons.bus.models.ir_websocket.wsrequest", new=Mock()
        ) as wsrequest:
            wsrequest.session.uid = user.id
            self.assertEqual(
                self.heard(websocket.with_user(user)), [(user.company_id, "sluice.job")]
            )
            wsrequest.session.uid = stranger.id
            self.assertEqual(self.heard(websocket.with_user(stranger)), [])

    def heard(self, websocket):
        channels = websocket._build_bus_channel_list([])
        return [
            channel
            for channel in channels
            if isinstance(channel, tuple) and channel[1] == "sluice.job"
        ]
