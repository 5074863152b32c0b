# One column of an uploaded price list, and what it means.
from odoo import api, fields, models

from ..explanations import asked
from ..vocabulary import DECIMAL_STYLES, LIST_FIELDS, from_wire, to_wire


class SupplierImportUploadColumn(models.TransientModel):
    _name = "supplier.import.upload.column"
    _description = "Column of an Uploaded Price List"
    _order = "sequence, id"

    upload_id = fields.Many2one(
        "supplier.import.upload", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer()
    column = fields.Char(required=True, readonly=True)
    samples = fields.Char("Examples", readonly=True)
    list_field = fields.Selection(LIST_FIELDS, "Meaning")
    decimal_style = fields.Selection(DECIMAL_STYLES, "Numbers", readonly=True)
    question = fields.Char("Please Check", readonly=True)

    @api.model
    def _values_of(self, sequence, column):
        """What to store of a column as the server understood it."""
        return {
            "sequence": sequence,
            "column": column["column"],
            "samples": "  ·  ".join(column["samples"]),
            "list_field": from_wire("LIST_FIELD", column["field"]),
            "decimal_style": from_wire("DECIMAL_STYLE", column["decimal_style"]),
            "question": self._asked(column),
        }

    @api.model
    def _asked(self, column):
        return asked(self.env, column["question_code"], column["question"])

    def _mapping(self):
        """The mapping as the server reads it; columns without a meaning are told to be
        left out.
        """
        return [
            {"column": column.column, "field": to_wire("LIST_FIELD", column.list_field)}
            for column in self
        ]
