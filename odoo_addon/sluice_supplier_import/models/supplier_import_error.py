# A row of a price list that could not be applied, and whether somebody has dealt with
# it.
from odoo import api, fields, models

from odoo.addons.sluice.words import sentence

from ..explanations import explained
from ..vocabulary import ROW_ERRORS

KNOWN = {code for code, _words in ROW_ERRORS}


class SupplierImportError(models.Model):
    _name = "supplier.import.error"
    _description = "Failed Row of a Price List"
    _order = "import_id desc, row, id"
    _rec_name = "row"

    import_id = fields.Many2one(
        "supplier.import", required=True, readonly=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(related="import_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(
        related="import_id.job_id.company_id", store=True, string="Company"
    )
    row = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Row in the file, counted from 1; the header counts.",
    )
    code = fields.Selection(ROW_ERRORS, "Problem", required=True, readonly=True)
    column = fields.Char(readonly=True, help="Header of the column at fault.")
    message = fields.Char("Words of the Server", readonly=True)
    explanation = fields.Char(
        compute="_compute_explanation", search="_search_explanation"
    )
    row_values = fields.Json(readonly=True)
    row_text = fields.Char("Original Row", compute="_compute_row_text")
    resolved = fields.Boolean(readonly=True)
    resolved_by_id = fields.Many2one("res.users", readonly=True)
    resolved_at = fields.Datetime("Resolved On", readonly=True)

    @api.depends("code", "message")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for record in self:
            record.explanation = explained(self.env, record.code, record.message)

    @api.model
    def _search_explanation(self, operator, value):
        return [("message", operator, value)]

    @api.depends("row_values")
    def _compute_row_text(self):
        for record in self:
            record.row_text = " │ ".join(record.row_values or [])

    @api.model
    def _values_of(self, record, error):
        """What to store of an error as the server tells it."""
        code = error["code"]
        return {
            "import_id": record.id,
            "row": error["row"],
            "code": code if code in KNOWN else "other",
            "column": error["column"],
            "message": sentence(error["message"]),
            "row_values": error["values"],
        }

    def action_resolve(self):
        self._set_resolved(True)

    def action_reopen(self):
        self._set_resolved(False)

    def _set_resolved(self, resolved):
        # Users have no right to write these rows, only to say that they dealt with
        # them.
        self.check_access("read")
        self.sudo().write(
            {
                "resolved": resolved,
                "resolved_by_id": self.env.uid if resolved else False,
                "resolved_at": fields.Datetime.now() if resolved else False,
            }
        )
