# A price list arrives from the browser: piece by piece, each as the body of one short
# request.
from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..wizards.supplier_import_file import LARGEST_PIECE

ROUTE = "/sluice_supplier_import/file"
# Odoo looks for its token in the address or in a form. A body of raw bytes has no form,
# and addresses end in logs, so the token comes in a header and is checked here.
TOKEN = "X-Csrf-Token"
TAKES_A_PIECE = {
    "type": "http",
    "auth": "user",
    "methods": ["POST"],
    "csrf": False,
    "max_content_length": LARGEST_PIECE,
}


class PriceListFile(Controller):
    @route(ROUTE, **TAKES_A_PIECE)
    def begin(self, name="", size="", **_others):
        """Begins a file of this size with its first piece."""
        return self._answer(
            lambda files, piece: files._begin(name, _number(size), piece)
        )

    @route(f"{ROUTE}/<int:file_id>", **TAKES_A_PIECE)
    def go_on(self, file_id, offset="", **_others):
        """Takes the piece that begins at the offset; the last one makes it whole."""
        return self._answer(
            lambda files, piece: files._own(file_id)._take(_number(offset), piece)
        )

    def _answer(self, take):
        """What the browser is told about a piece: how far the file is, or why not."""
        env = request.env
        if not request.validate_csrf(request.httprequest.headers.get(TOKEN)):
            words = env._("This page is too old: load it again.")
            return request.make_json_response({"error": words}, status=400)
        # Kept by the request, in case Odoo tries again after a conflict.
        piece = request.httprequest.get_data()
        try:
            with env.cr.savepoint():
                file = take(env["supplier.import.file"], piece)
        except UserError as error:
            return request.make_json_response(
                {"error": str(error)}, status=error.http_status
            )
        return request.make_json_response(
            {"id": file.id, "name": file.name, "received": file.received}
        )


def _number(text):
    """A size or an offset as the browser says it; -1, which none is, for anything
    else.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
