# The fence of a job: the highest attempt Odoo has seen, so that a late worker changes
# nothing.
import uuid
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, mute_logger

KEEP_DAYS = 30


class SluiceFence(models.Model):
    _name = "sluice.fence"
    _description = "Fence of a Sluice job"
    _order = "id desc"
    _rec_name = "job"

    job = fields.Char(
        required=True, readonly=True, help="UUID of the job in the Sluice server."
    )
    scope = fields.Char(
        required=True,
        readonly=True,
        help="What the job works on; a job has one scope for life.",
    )
    attempt = fields.Integer(
        required=True,
        readonly=True,
        help="Highest attempt seen. Lower ones are refused.",
    )
    started_at = fields.Datetime(
        required=True,
        readonly=True,
        help="Start of the run on Odoo's clock, to the microsecond.",
    )
    finished_at = fields.Datetime(
        readonly=True, help="Set when the job ended well; its ledger is gone then."
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)

    _job_unique = models.Constraint("UNIQUE (job)", "A job has one fence.")

    @api.model
    def _enter(self, job, attempt, scope, company):
        """Takes the fence of a job for the rest of the transaction.

        Returns (fence, status), status `entered`, `stale_attempt` or `wrong_scope`;
        only after `entered` may anything be written. Batches of one attempt enter
        together; a new attempt waits until those of the attempt before it are through.
        Raises what makes Odoo run the whole call again on a fresh snapshot when another
        call changed the fence meanwhile.
        """
        self._check_numbers(job, attempt)
        fence = self.sudo().search([("job", "=", job)])
        if not fence:
            return self.sudo()._open(job, attempt, scope, company), "entered"
        if fence.scope != scope:
            return fence, "wrong_scope"
        if attempt < fence.attempt:
            return fence, "stale_attempt"
        if attempt > fence.attempt:
            # Not first for share and then for update: two calls that both do so would
            # wait for each other.
            fence._lock(SQL("FOR UPDATE"))
            fence.write({"attempt": attempt, "finished_at": False})
            fence.flush_recordset(["attempt", "finished_at"])
        else:
            fence._lock(SQL("FOR SHARE"))
        return fence, "entered"

    def _finish(self):
        """Closes the job: its ledger goes, and a batch of this attempt that is still on
        its way counts as stale.
        """
        self.env["sluice.ledger"].sudo().search([("fence_id", "in", self.ids)]).unlink()
        self.finished_at = self.env.cr.now()

    @api.model
    def _check_numbers(self, job, attempt):
        try:
            uuid.UUID(job)
        except (TypeError, ValueError, AttributeError):
            raise UserError(
                self.env._("The job must be a UUID, not %(job)s.", job=repr(job))
            ) from None
        if not isinstance(attempt, int) or attempt < 1:
            raise UserError(
                self.env._(
                    "The attempt must be a number from 1, not %(attempt)s.",
                    attempt=repr(attempt),
                )
            )

    @api.model
    def _open(self, job, attempt, scope, company):
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                return self.create(
                    {
                        "job": job,
                        "attempt": attempt,
                        "scope": scope,
                        "started_at": self.env.cr.now(),
                        "company_id": company.id,
                    }
                )
        except UniqueViolation as error:
            # Two first batches at once: the later one starts over and finds the fence.
            raise ConcurrencyError(f"job {job} was fenced by another call") from error

    def _lock(self, strength):
        # A row that was changed after this transaction's snapshot raises a
        # serialization failure, which Odoo answers by running the call again. The lock
        # is all this statement does: writes go through the ORM.
        self.env.cr.execute(
            SQL("SELECT 1 FROM sluice_fence WHERE id = %s %s", self.id, strength)
        )

    @api.autovacuum
    def _gc_fences(self):
        border = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.sudo().search([("write_date", "<", border)], limit=10_000).unlink()
