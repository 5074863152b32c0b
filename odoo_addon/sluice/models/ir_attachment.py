# Files on their way to the server.
from odoo import models

# What the server takes at once.
PIECE = 1 << 20


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _sluice_pieces(self):
        """The file's bytes in pieces that the server takes; a file in the store is
        never whole in memory.
        """
        self.ensure_one()
        if not self.store_fname:
            content = self.raw
            yield from (
                content[start : start + PIECE]
                for start in range(0, len(content), PIECE)
            )
            return
        with open(self._full_path(self.store_fname), "rb") as file:
            while piece := file.read(PIECE):
                yield piece
