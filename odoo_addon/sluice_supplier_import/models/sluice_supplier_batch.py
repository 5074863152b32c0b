# The methods that the Sluice server calls to import a supplier's price list.
from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sluice.outcomes import Outcomes

from ..batch.bisect import apply_all
from ..batch.decide import Decider
from ..batch.lookup import Lookup
from ..batch.options import find_supplier, parse_options
from ..batch.reject import describe_rejection
from ..batch.suppliers import find_candidates
from ..batch.sweep import sweep_lines
from ..batch.write import carry_out


class SluiceSupplierBatch(models.AbstractModel):
    _name = "sluice.supplier.batch"
    _description = "Sluice: supplier price lists"

    @api.model
    def find_supplier(self, reference):
        """Suppliers that an id, a reference or an exact name may mean: at most ten, of
        the best kind of match.
        """
        self._check_service()
        return {"candidates": find_candidates(self.sudo().env, reference)}

    @api.model
    def apply_batch(self, job, attempt, first_row, last_row, supplier, options, rows):
        """Applies rows of a list, each exactly once whoever calls how often; fence,
        ledger and rows are one transaction.
        """
        partner, options, trusted = self._begin(supplier, options)
        self._check_rows(first_row, last_row, rows)
        fence, status = self._enter(job, attempt, partner, options)
        answer = {
            "status": status,
            "highest_attempt": fence.attempt,
            "started_at": fields.Datetime.to_string(fence.started_at),
            "replayed": 0,
        }
        if status != "applied":
            return answer | Outcomes().lists
        claimed, known = self.env["sluice.ledger"]._claim(fence, first_row, last_row)
        open_rows = claimed._rows_of(rows)
        outcomes = self._apply(trusted, partner, options, open_rows)
        claimed._settle(outcomes)
        replayed = known.of({row["row"] for row in rows})
        answer["replayed"] = len(rows) - len(open_rows)
        outcomes.extend(replayed)
        return answer | outcomes.lists

    @api.model
    def preview_batch(self, supplier, options, rows):
        """What apply_batch would do with the rows; writes nothing."""
        partner, options, trusted = self._begin(supplier, options)
        lookup = Lookup(trusted, partner, options, rows)
        return {
            "rows": [
                self._shown(lookup, decision)
                for decision in Decider(lookup).decide(rows)
            ]
        }

    @api.model
    def sweep(self, job, attempt, supplier, options, policy, limit, dry_run):
        """Ends or deletes at most `limit` lines of the supplier that this run did not
        name.
        """
        partner, options, trusted = self._begin(supplier, options)
        fence, status = self._enter(job, attempt, partner, options)
        if status != "applied":
            return {
                "status": status,
                "total_lines": 0,
                "stale_lines": 0,
                "swept": 0,
                "remaining": 0,
            }
        answer = sweep_lines(
            trusted, partner, options, policy, fence.started_at, limit, dry_run
        )
        return {"status": status, **answer}

    @api.model
    def finish(self, job, attempt, supplier, clean):
        """Ends the job: drops its ledger and, when the whole list was applied without a
        row error, dates the supplier.
        """
        partner, options, _trusted = self._begin(supplier, None)
        fence, status = self._enter(job, attempt, partner, options)
        if fence.finished_at and fence.attempt == attempt:
            # The answer to the first call was lost: what it did stands.
            return {"status": "applied"}
        if status == "applied":
            if clean:
                partner.last_sync_date = fence.started_at
            fence._finish()
        return {"status": status}

    @api.model
    def _check_service(self):
        self.env["sluice.api"]._check_service()

    @api.model
    def _begin(self, supplier, options):
        """Checks the caller once; from here on the work runs as superuser in the list's
        company.
        """
        self._check_service()
        options = parse_options(self.env, options)
        trusted = (
            self.sudo()
            .with_company(options.company_id)
            .with_context(active_test=False)
            .env
        )
        return find_supplier(trusted, supplier), options, trusted

    @api.model
    def _enter(self, job, attempt, partner, options):
        company = self.env["res.company"].browse(options.company_id)
        fence, status = self.env["sluice.fence"]._enter(
            job, attempt, f"supplier {partner.id}", company
        )
        if status == "entered" and fence.finished_at:
            return fence, "stale_attempt"
        return fence, {"entered": "applied", "wrong_scope": "wrong_supplier"}.get(
            status, status
        )

    @api.model
    def _check_rows(self, first_row, last_row, rows):
        numbers = [row.get("row") for row in rows]
        if not all(
            isinstance(number, int) and first_row <= number <= last_row
            for number in numbers
        ):
            raise UserError(
                self.env._(
                    "Each row needs a number from %(first)s to %(last)s.",
                    first=first_row,
                    last=last_row,
                )
            )
        if len(set(numbers)) < len(numbers):
            raise UserError(self.env._("A row number stands twice in the batch."))

    @api.model
    def _apply(self, trusted, partner, options, rows):
        now = self.env.cr.now()

        def apply(part):
            lookup = Lookup(trusted, partner, options, part)
            decisions = Decider(lookup).decide(part)
            carry_out(trusted, decisions, now)
            return [
                (decision.outcome, decision.row["row"], decision.code, decision.message)
                for decision in decisions
            ]

        def reject(row, error):
            return [("errors", row["row"], *describe_rejection(trusted, row, error))]

        outcomes = Outcomes()
        for part in apply_all(trusted, rows, apply, reject):
            for outcome, row, code, message in part:
                told = {"errors": (code, message), "skipped": (code,)}.get(outcome, ())
                outcomes.add(outcome, row, *told)
        return outcomes

    @api.model
    def _shown(self, lookup, decision):
        line, product = decision.line, decision.product
        return {
            "row": decision.row["row"],
            "outcome": "error" if decision.outcome == "errors" else decision.outcome,
            "code": decision.code or False,
            "message": decision.message or False,
            "product_id": product.id if product and product.id else False,
            "product_name": lookup.product_name(product) if product else False,
            "price_before": line.price if line else False,
            "price_after": decision.values.get("price", line.price if line else False),
        }
