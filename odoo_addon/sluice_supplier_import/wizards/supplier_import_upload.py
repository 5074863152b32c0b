# A price list on its way to the server: the file, what its columns mean, what would
# happen, and the start of the import.
from itertools import zip_longest

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sluice.wire import Client
from odoo.addons.sluice.words import in_words

from ..models.supplier_import import name_of_url
from ..preview import preview_of
from ..vocabulary import (
    DECIMAL_STYLES,
    DELIMITER_CHARACTERS,
    DELIMITERS,
    ENCODINGS,
    FILE_FORMATS,
    from_wire,
    to_wire,
)

PREVIEW_ROWS = 500
KEYS = {"barcode", "default_code", "product_code"}


class SupplierImportUpload(models.TransientModel):
    _name = "supplier.import.upload"
    _inherit = "supplier.import.choices"
    _description = "Import a Price List"
    _rec_name = "partner_id"

    step = fields.Selection(
        [("list", "Price List"), ("columns", "Columns"), ("preview", "Preview")],
        default="list",
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", "Supplier")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    source = fields.Selection(
        [("file", "A file"), ("url", "A web address")], default="file", required=True
    )
    file_id = fields.Many2one("supplier.import.file", "Price List")
    url = fields.Char("Web Address")

    file_format = fields.Selection(FILE_FORMATS, "Format")
    encoding = fields.Selection(ENCODINGS)
    delimiter = fields.Selection(DELIMITERS)
    sheet = fields.Char()
    header_row = fields.Integer(
        help="Row with the names of the columns, counted from 1; 0 means: find it."
    )
    decimal_style = fields.Selection(
        DECIMAL_STYLES,
        "Numbers",
        help="How numbers are written; empty means: decide for each column.",
    )

    detected = fields.Char(readonly=True)
    warnings = fields.Text(readonly=True)
    column_ids = fields.One2many(
        "supplier.import.upload.column", "upload_id", "Columns"
    )
    save_mapping = fields.Boolean(
        "Remember for this supplier",
        default=True,
        help="Offer these meanings again for the supplier's next list.",
    )
    preview = fields.Json(readonly=True)

    # What stands for the file on the server, and for which content it does.
    upload_ref = fields.Char(readonly=True)
    upload_checksum = fields.Char(readonly=True)
    import_id = fields.Many2one("supplier.import", readonly=True)

    @api.constrains("file_id")
    def _check_file_id(self):
        self.file_id._check_own()

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        self.currency_id = self.partner_id.property_purchase_currency_id

    def action_read(self):
        """Reads the list as the server understands it by itself."""
        self.ensure_one()
        self._check_list()
        self.column_ids.unlink()
        # The columns are what is wanted here; what Odoo would do with one row is told
        # at once.
        self._look(rows=1)
        return self._show("columns")

    def action_read_again(self):
        """Reads the list in the way that the user says, with columns found anew."""
        return self.action_read()

    def action_preview(self):
        """Asks what the import would do; stays with the columns while those are not
        complete.
        """
        self.ensure_one()
        self._check_list()
        self._check_mapping()
        complete = self._look(PREVIEW_ROWS)
        return self._show("preview" if complete else "columns")

    def action_back(self):
        self.ensure_one()
        return self._show("list" if self.step == "columns" else "columns")

    def action_import(self):
        """Starts the import and shows it; a second click shows the one that the first
        made.
        """
        self.ensure_one()
        self._check_list()
        self._check_mapping()
        imports = self.env["supplier.import"]
        imports._check_may_start()
        self.lock_for_update()
        if not self.import_id:
            self.import_id = imports._start(
                self.partner_id,
                self.company_id,
                self._list_name(),
                self._request(),
                url=self.url if self.source == "url" else False,
                attachment=self._attachment(),
            )
        return self.import_id._form_action()

    def action_schedule(self):
        """Makes a schedule that imports the list at this address each night, as it
        would be imported now.
        """
        self.ensure_one()
        self._check_list()
        self._check_mapping()
        schedule = self.env["supplier.import.schedule"].create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "url": self.url.strip(),
                "mapping": self.column_ids._mapping(),
                "file_options": self._file_options(),
                **self._chosen(),
            }
        )
        return schedule._form_action()

    def _check_list(self):
        if not self.partner_id:
            raise UserError(self.env._("Choose the supplier whose price list this is."))
        self.partner_id.check_access("read")
        self.company_id._check_may_be_worked_for()
        if self.import_id:
            return
        if self.source == "file" and not self._attachment():
            raise UserError(self.env._("Choose a file first."))
        if self.source == "url" and not (self.url or "").strip():
            raise UserError(self.env._("Give the list's web address."))

    def _check_mapping(self):
        fault = self._fault_of_mapping()
        if fault:
            raise UserError(fault)

    def _fault_of_mapping(self):
        """What is to be mended about the columns' meanings, in words; empty if nothing
        is.
        """
        meanings = [
            column.list_field for column in self.column_ids if column.list_field
        ]
        twice = next(
            (meaning for meaning in meanings if meanings.count(meaning) > 1), None
        )
        if twice:
            labels = dict(
                self.column_ids._fields["list_field"]._description_selection(self.env)
            )
            return self.env._(
                "Two columns have the meaning %(meaning)s; leave it to one of them.",
                meaning=labels[twice],
            )
        if "price" not in meanings:
            return self.env._("Say which column is the purchase price without tax.")
        if not KEYS.intersection(meanings):
            return self.env._(
                "Say which column names the product: a barcode, an internal reference "
                "or the supplier's article number."
            )
        return ""

    def _look(self, rows):
        """Shows the list to the server and keeps the answer; true if the columns are
        complete.
        """
        answer = Client(self.env).preview(self._request(), rows)
        columns = answer["columns"]
        if self.column_ids.mapped("column") != [column["column"] for column in columns]:
            self.column_ids.unlink()
            self.column_ids.create(
                [
                    {
                        "upload_id": self.id,
                        **self.column_ids._values_of(sequence, column),
                    }
                    for sequence, column in enumerate(columns)
                ]
            )
        else:
            for known, column in zip(self.column_ids, columns, strict=True):
                known.write(
                    {
                        "question": known._asked(column),
                        "decimal_style": from_wire(
                            "DECIMAL_STYLE", column["decimal_style"]
                        ),
                    }
                )
        self.detected = self._detected_in_words(answer["file"] or {})
        fault = self._fault_of_mapping()
        told = zip_longest(answer["warnings"], answer["warning_codes"], fillvalue="")
        remarks = [
            in_words(self.env, code, words)
            for words, code in told
            # The server says it too; our words fit the screen.
            if not (fault and code == "mapping_incomplete")
        ]
        self.warnings = "\n".join([*([fault] if fault else []), *remarks])
        self.preview = preview_of(
            self.env, answer, self.currency_id or self.company_id.currency_id
        )
        return bool(answer["rows"])

    def _request(self):
        """The import as the server reads it."""
        request = {
            "supplier": str(self.partner_id.id),
            "company_id": self.company_id.id,
            "file_name": self._list_name(),
            "file": self._file_options(),
            "mapping": self.column_ids._mapping(),
            "save_mapping": self.save_mapping and bool(self.column_ids),
            **self._choices(),
        }
        if self.source == "url":
            return request | {"url": self.url.strip()}
        return request | {"upload_id": self._upload()}

    def _file_options(self):
        return {
            "format": to_wire("FILE_FORMAT", self.file_format),
            "encoding": self.encoding or "",
            "delimiter": DELIMITER_CHARACTERS.get(self.delimiter, ""),
            "sheet": self.sheet or "",
            "header_row": self.header_row,
            "decimal_style": to_wire("DECIMAL_STYLE", self.decimal_style),
        }

    def _upload(self):
        """The server's name for the file; streams it there unless it has been."""
        attachment = self._attachment()
        if not self.upload_ref or self.upload_checksum != attachment.checksum:
            self.upload_ref = Client(self.env).upload(
                self._list_name(), attachment._sluice_pieces()
            )["upload_id"]
            self.upload_checksum = attachment.checksum
        return self.upload_ref

    def _attachment(self):
        """The file as Odoo keeps it; none where there is none, or it is not whole."""
        file = self.file_id if self.source == "file" else self.file_id.browse()
        return file._attachment()

    def _list_name(self):
        if self.source == "url":
            return name_of_url(self.url)
        return self.file_id.name

    def _detected_in_words(self, file):
        formats = dict(self._fields["file_format"]._description_selection(self.env))
        names = dict(self._fields["delimiter"]._description_selection(self.env))
        delimiters = {
            character: names[word] for word, character in DELIMITER_CHARACTERS.items()
        }
        header = int(file.get("header_row") or 0)
        parts = [
            formats.get(from_wire("FILE_FORMAT", file.get("format")), ""),
            (file.get("encoding") or "").upper(),
            delimiters.get(file.get("delimiter"), file.get("delimiter") or ""),
            file.get("sheet") and self.env._("sheet %(name)s", name=file["sheet"]),
            self.env._("header in row %(row)s", row=header)
            if header
            else self.env._("no header"),
        ]
        return "  ·  ".join(part for part in parts if part)

    def _show(self, step):
        self.step = step
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a price list"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
