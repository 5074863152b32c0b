# A price list on its way from the browser, piece by piece, until an import has it.
from io import BytesIO

from odoo import fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import DEFAULT_MAX_CONTENT_LENGTH

# A request with so many bytes is over at once; the screen sends no larger pieces.
LARGEST_PIECE = 4 << 20
# Whatever else is set: of a larger one the column could not say the size.
LARGEST_FILE = (1 << 31) - 1
# A type of its own. Where none is said Odoo guesses it, and then reads all words of
# a text to make it searchable.
FILE_TYPE = "application/x-price-list"


class SupplierImportFile(models.TransientModel):
    _name = "supplier.import.file"
    _description = "Price List From the Browser"
    # Nobody may have used it yet, but will: long enough for a day at work.
    _transient_max_hours = 24

    name = fields.Char(required=True, readonly=True)
    size = fields.Integer(readonly=True, help="Bytes of the whole list.")
    received = fields.Integer(readonly=True, help="Bytes that arrived so far.")

    def _begin(self, name, size, piece):
        """A new list of this user, with its first piece."""
        self.env["supplier.import"]._check_may_start()
        if size < 1:
            raise UserError(self.env._("The file is empty."))
        limit = self._largest()
        if size > limit:
            raise UserError(
                self.env._(
                    "The file is larger than the %(limit)s MB that may be uploaded.",
                    limit=limit // 1_000_000,
                )
            )
        name = name.strip()[:255] or self.env._("price list")
        return self.sudo().create({"name": name, "size": size})._take(0, piece)

    def _take(self, offset, piece):
        """Adds the piece that begins at the offset; one that is here already changes
        nothing. With the last one the list is whole.
        """
        self.ensure_one()
        end = offset + len(piece)
        if 0 <= offset and end <= self.received and piece:
            # Its answer was lost on the way, so it was sent again.
            return self
        if offset != self.received or end > self.size or not piece:
            raise UserError(
                self.env._("The file did not arrive as it is: choose it again.")
            )
        self.received = end
        # The same piece, at the same time, waits here, is refused by the database, and
        # finds itself taken when Odoo tries it again.
        self.flush_recordset()
        if end == self.size:
            self._complete(piece)
        else:
            self._store(str(offset), piece)
        return self

    def _complete(self, last):
        """Makes one attachment of all pieces."""
        pieces = self._attachments()
        whole = BytesIO()
        for piece in pieces:
            for part in piece._sluice_pieces():
                whole.write(part)
        whole.write(last)
        pieces.unlink()
        # Hands out its own memory, not a copy.
        self._store(self.name, whole.getvalue())

    def _store(self, name, content):
        self.env["ir.attachment"].sudo().create(
            {
                "name": name,
                "raw": content,
                "mimetype": FILE_TYPE,
                # They go with this record.
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _attachments(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], order="id"
            )
        )

    def _attachment(self):
        """The whole list; none while it is on its way, once an import has it, and for
        anybody but the user who sent it.
        """
        whole = self._only_own().filtered(lambda file: file.received == file.size)
        return whole._attachments()[:1]

    def _own(self, file_id):
        """This user's list of that id; somebody else's is none."""
        file = self.sudo().browse(file_id).exists()._only_own()
        if not file:
            raise MissingError(
                self.env._("The file is not here any more: choose it again.")
            )
        return file

    def _check_own(self):
        """Refuses a list that somebody else sent."""
        if self._only_own() != self:
            raise AccessError(
                self.env._("This price list was uploaded by somebody else.")
            )

    def _only_own(self):
        return self.sudo().filtered(lambda file: file.create_uid.id == self.env.uid)

    def _largest(self):
        """Bytes that a file may have: what the screen compares with, too."""
        parameters = self.env["ir.config_parameter"].sudo()
        limit = parameters.get_param(
            "web.max_file_upload_size", DEFAULT_MAX_CONTENT_LENGTH
        )
        return min(int(limit), LARGEST_FILE)
