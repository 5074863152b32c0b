# The ledger of a job: which file rows are applied and what became of them, so that no
# row takes effect twice.
from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import mute_logger

from ..outcomes import Outcomes
from ..row_ranges import uncovered


class SluiceLedger(models.Model):
    _name = "sluice.ledger"
    _description = "Applied rows of a Sluice job"
    _order = "fence_id, first_row"
    _log_access = False

    fence_id = fields.Many2one(
        "sluice.fence", required=True, readonly=True, index=True, ondelete="cascade"
    )
    first_row = fields.Integer(required=True, readonly=True)
    last_row = fields.Integer(required=True, readonly=True)
    outcome = fields.Json(readonly=True)

    _rows_in_order = models.Constraint(
        "CHECK (first_row <= last_row)", "A range of rows runs upwards."
    )
    # A unique key on the numbers would not do: batches are cut anew after a restart. An
    # index check also sees what was committed after this transaction's snapshot, and
    # waits for what is about to be, which no query here could. Fence and row share one
    # number because the plain range index takes no second column.
    _rows_once = models.Constraint(
        "EXCLUDE USING gist (int8range((fence_id::bigint << 32) + first_row, "
        "(fence_id::bigint << 32) + last_row, '[]') "
        "WITH &&)",
        "A row is applied once.",
    )

    @api.model
    def _claim(self, fence, first_row, last_row):
        """Claims the rows first_row..last_row of a job that are not applied yet.

        Returns (claimed, known): new entries for the open rows, whose outcome the
        caller fills in with `_settle`, and the outcomes of the rows that are applied
        already.
        """
        entries = self.sudo().search(
            [
                ("fence_id", "=", fence.id),
                ("first_row", "<=", last_row),
                ("last_row", ">=", first_row),
            ]
        )
        known = Outcomes()
        for entry in entries:
            known.extend(Outcomes.unpacked(entry.outcome).part(first_row, last_row))
        gaps = uncovered(
            first_row,
            last_row,
            ((entry.first_row, entry.last_row) for entry in entries),
        )
        try:
            with self.env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
                claimed = self.sudo().create(
                    [
                        {"fence_id": fence.id, "first_row": first, "last_row": last}
                        for first, last in gaps
                    ]
                )
        except ExclusionViolation as error:
            # The same rows came in by another call just now: start over and answer from
            # its entry.
            raise ConcurrencyError(
                f"rows {first_row} to {last_row} were applied by another call"
            ) from error
        return claimed, known

    def _settle(self, outcomes):
        """Keeps the outcomes of the claimed rows."""
        for entry in self:
            entry.outcome = outcomes.part(entry.first_row, entry.last_row).packed()

    def _rows_of(self, rows):
        """Those of the rows (dicts with `row`) that lie in the claimed ranges."""
        ranges = [(entry.first_row, entry.last_row) for entry in self]
        return [
            row
            for row in rows
            if any(first <= row["row"] <= last for first, last in ranges)
        ]
