# The methods that the Sluice server calls to hand over a LOGIKAL project.
import base64
import binascii

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import mute_logger
from odoo.tools.image import image_process

from odoo.addons.sluice.outcomes import Outcomes
from odoo.addons.sluice.wire.plain import moment

# The values of an elevation that go by the same name there and here.
SAME = (
    "name",
    "position",
    "amount",
    "width_mm",
    "height_mm",
    "is_recycled",
    "description",
    "system",
    "color_inside",
    "color_outside",
    "kind",
    "area_m2",
    "weight_kg",
    "unit_price",
    "net_unit_price",
    "total_price",
)
# A field of Odoo cannot be called so.
RENAMED = {"length": "piece_length"}


class SluiceLogikalBatch(models.AbstractModel):
    _name = "sluice.logikal.batch"
    _description = "Sluice: LOGIKAL projects"

    @api.model
    def apply_batch(self, job, attempt, project, rows):
        """Applies elevations of a project, each exactly once whoever calls how often;
        fence, ledger and rows are one transaction.
        """
        self.env["sluice.api"]._check_service()
        self._check_rows(rows)
        fence, status = self._enter(job, attempt, project["guid"])
        answer = {"status": status, "replayed_rows": []}
        if status != "applied":
            return answer | Outcomes().lists
        trusted = self.sudo().with_context(active_test=False).env
        record = self._project(trusted, project)
        outcomes = Outcomes()
        for row in rows:
            number = row["row"]
            claimed, known = self.env["sluice.ledger"]._claim(fence, number, number)
            if claimed:
                known = self._apply_row(trusted, record, row)
                claimed._settle(known)
            else:
                answer["replayed_rows"].append(number)
            outcomes.extend(known)
        record._tell_screens()
        return answer | outcomes.lists

    @api.model
    def finish(self, job, attempt, project, present):
        """Ends the job, and puts aside what is no longer there: `present` has the keys
        of phase and elevation of all that is.
        """
        self.env["sluice.api"]._check_service()
        fence, status = self._enter(job, attempt, project)
        if status == "applied":
            trusted = self.sudo().with_context(active_test=False).env
            self._put_aside(trusted, project, {tuple(pair) for pair in present})
            fence._finish()
        elif fence.finished_at and fence.attempt == attempt:
            # The answer to the first call was lost: what it did stands.
            status = "applied"
        return {"status": status}

    @api.model
    def _enter(self, job, attempt, guid):
        fence, status = self.env["sluice.fence"]._enter(
            job, attempt, f"project {guid}", self.env.company
        )
        if status == "wrong_scope":
            raise UserError(self.env._("This job began with another project."))
        if status == "entered" and fence.finished_at:
            return fence, "stale_attempt"
        return fence, "applied" if status == "entered" else status

    @api.model
    def _check_rows(self, rows):
        numbers = [row.get("row") for row in rows]
        if not all(isinstance(number, int) and number > 0 for number in numbers):
            raise UserError(self.env._("Each elevation needs a number from 1."))
        if len(set(numbers)) < len(numbers):
            raise UserError(self.env._("A number stands twice in the batch."))

    @api.model
    def _project(self, trusted, told):
        values = {
            "name": told["name"] or told["guid"],
            "directory": told["directory"],
            "job_number": told["job_number"],
            "offer_number": told["offer_number"],
            "person_in_charge": told["person_in_charge"],
            "currency": told["currency"],
            "changed_at": moment(told["changed_date"]),
        }
        projects = trusted["sluice.logikal.project"]
        company = self.env.company
        project = projects.search(
            [("guid", "=", told["guid"]), ("company_id", "=", company.id)]
        ) or projects.search([("guid", "=", told["guid"])], limit=1)
        if project:
            _write_changes(project, values)
            return project
        return projects.create(
            {**values, "guid": told["guid"], "company_id": company.id}
        )

    @api.model
    def _apply_row(self, trusted, project, row):
        outcomes = Outcomes()
        number = row["row"]
        try:
            with trusted.cr.savepoint(), mute_logger("odoo.sql_db"):
                outcomes.add(self._take(trusted, project, row), number)
        except OperationalError:
            # Odoo runs the whole call again.
            raise
        except Exception as error:
            outcomes.add("errors", number, "odoo_rejected", str(error))
        return outcomes

    @api.model
    def _take(self, trusted, project, row):
        """Makes or changes one elevation; says which."""
        phase = self._phase(trusted, project, row["phase"])
        told = row["elevation"]
        values = {
            **{name: told[name] or False for name in SAME},
            "name": told["name"] or told["guid"],
            "changed_at": moment(told["changed_date"]),
            "state": "failed" if row["failures"] else "fetched",
            "failures": row["failures"] or False,
            "active": True,
        }
        elevations = trusted["sluice.logikal.elevation"]
        elevation = elevations.search(
            [("phase_id", "=", phase.id), ("guid", "=", told["guid"])]
        )
        outcome = "updated" if elevation else "created"
        if elevation:
            _write_changes(elevation, values)
        else:
            elevation = elevations.create(
                {**values, "guid": told["guid"], "phase_id": phase.id}
            )
        if row["thumbnail"]:
            elevation.image = _picture(row["thumbnail"])
        elevation.line_ids.unlink()
        trusted["sluice.logikal.line"].create(
            [
                {
                    **{
                        RENAMED.get(name, name): value or False
                        for name, value in line.items()
                    },
                    "elevation_id": elevation.id,
                }
                for line in row["lines"]
            ]
        )
        return outcome

    @api.model
    def _phase(self, trusted, project, told):
        values = {
            "name": told["name"] or told["guid"],
            "description": told["description"] or False,
            "position": told["position"],
            "active": True,
        }
        phases = trusted["sluice.logikal.phase"]
        phase = phases.search(
            [("project_id", "=", project.id), ("guid", "=", told["guid"])]
        )
        if phase:
            _write_changes(phase, values)
            return phase
        return phases.create({**values, "guid": told["guid"], "project_id": project.id})

    @api.model
    def _put_aside(self, trusted, guid, present):
        project = trusted["sluice.logikal.project"].search([("guid", "=", guid)])
        gone = project.elevation_ids.filtered(
            lambda one: one.active and (one.phase_id.guid, one.guid) not in present
        )
        gone.active = False
        phases = {phase for phase, _elevation in present}
        project.phase_ids.filtered(
            lambda phase: phase.active and phase.guid not in phases
        ).active = False
        project._tell_screens()


def _write_changes(record, values):
    changed = {
        name: value
        for name, value in values.items()
        if record[name] != value and (record[name] or value)
    }
    if changed:
        record.write(changed)


def _picture(text):
    """The picture, or nothing where it is none that Odoo can show."""
    try:
        content = base64.b64decode(text, validate=True)
        image_process(content, verify_resolution=True)
    except (binascii.Error, UserError):
        return False
    return text
