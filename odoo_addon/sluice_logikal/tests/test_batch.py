# What the server hands over stands here once, as a whole, and goes only when it is
# gone.
import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.sluice.tests.dutch_case import speak_dutch

from .project_case import NULL_GUID, ProjectCase

NO_PICTURE = {"part": "thumbnail", "code": "no_picture", "message": "it says GIF"}


@tagged("post_install", "-at_install")
class TestBatch(ProjectCase):
    def test_an_elevation_comes_with_all_that_belongs_to_it(self):
        answer = self.apply(self.row(1), self.row(2, phase="fase 1"))
        self.assertEqual((answer["status"], answer["created"]), ("applied", [1, 2]))
        project = self.project()
        self.assertEqual(project.job_number, "0000003948")
        self.assertEqual(project.phase_ids.mapped("name"), ["Standaard", "fase 1"])
        first = project.elevation_ids[0]
        self.assertRecordValues(
            first,
            [
                {
                    "name": "P1",
                    "amount": 2.0,
                    "size": "1200 × 1500",
                    "unit_price": 121.0,
                    "state": "fetched",
                    "currency_id": self.env.company.currency_id.id,
                }
            ],
        )
        self.assertTrue(first.image)
        glass = first.glass_ids
        self.assertEqual((glass.width, glass.width_unit), (0.5, "m"))
        self.assertFalse(first.part_ids)

    def test_the_same_row_takes_effect_once(self):
        self.apply(self.row(1))
        answer = self.apply(self.row(1, amount=7.0), self.row(2))
        self.assertEqual(answer["created"], [1, 2])
        self.assertEqual(answer["replayed_rows"], [1])
        self.assertEqual(self.project().elevation_ids[0].amount, 2.0)

    def test_a_late_attempt_changes_nothing(self):
        self.apply(self.row(1), attempt=2)
        answer = self.apply(self.row(2), attempt=1)
        self.assertEqual(answer["status"], "stale_attempt")
        self.assertEqual(len(self.project().elevation_ids), 1)

    def test_a_later_job_changes_what_has_changed(self):
        self.apply(self.row(1))
        self.job = str(uuid.uuid4())
        profile = self.glass(kind="profile", name="Frame")
        answer = self.apply(
            self.row(1, amount=3.0, failures=[NO_PICTURE], lines=[profile])
        )
        self.assertEqual(answer["updated"], [1])
        elevation = self.project().elevation_ids
        self.assertEqual((elevation.amount, elevation.state), (3.0, "failed"))
        self.assertEqual(elevation.failure, "Picture: It says GIF.")
        speak_dutch(self.env)
        dutch = elevation.with_context(lang="nl_NL").failure
        self.assertIn("geen afbeelding", dutch)
        self.assertEqual(elevation.part_ids.name, "Frame")
        self.assertFalse(elevation.glass_ids)

    def test_each_project_has_a_default_phase_of_its_own(self):
        self.apply(self.row(1))
        self.job = str(uuid.uuid4())
        self.apply(self.row(1), project=self.told("other"))
        phases = self.env["sluice.logikal.phase"].search([("guid", "=", NULL_GUID)])
        self.assertEqual(len(phases.project_id), 2)
        self.assertEqual(len(self.project().elevation_ids), 1)

    def test_a_row_that_cannot_be_taken_does_not_stop_the_others(self):
        answer = self.apply(
            self.row(1, lines=[self.glass(kind="nonsense")]), self.row(2)
        )
        self.assertEqual(answer["created"], [2])
        self.assertEqual(answer["errors"][0][:2], [1, "odoo_rejected"])
        self.assertEqual(self.project().elevation_ids.mapped("name"), ["P2"])

    def test_a_picture_that_is_none_is_left_out(self):
        self.apply(self.row(1, thumbnail="R0lGODlh"))
        self.assertFalse(self.project().elevation_ids.image)

    def test_what_is_gone_is_put_aside_and_may_come_back(self):
        self.apply(self.row(1), self.row(2), self.row(3, phase="fase 1"))
        present = [[NULL_GUID, "elevation 1"]]
        answer = self.batch.finish(self.job, 1, "5ddb1393", present)
        self.assertEqual(answer, {"status": "applied"})
        # The answer may get lost, and the call come again.
        answer = self.batch.finish(self.job, 1, "5ddb1393", present)
        self.assertEqual(answer, {"status": "applied"})
        self.env.invalidate_all()
        self.assertEqual(self.project().elevation_ids.mapped("name"), ["P1"])
        self.assertEqual(self.project().phase_ids.mapped("guid"), [NULL_GUID])
        self.job = str(uuid.uuid4())
        self.apply(self.row(3, phase="fase 1"))
        self.assertEqual(self.project().elevation_ids.mapped("name"), ["P1", "P3"])

    def test_a_number_twice_and_a_stranger_are_refused(self):
        with self.assertRaises(UserError):
            self.apply(self.row(1), self.row(1))
        with self.assertRaises(AccessError):
            self.env["sluice.logikal.batch"].with_user(
                self.env.ref("base.public_user")
            ).finish(self.job, 1, "5ddb1393", [])
