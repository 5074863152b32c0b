# The stage of the screens' tests: a purchaser, a supplier, a list, and what the server would answer.
from base64 import b64encode
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user

LIST = b"EAN;Prijs\r\n8710000000017;1,50\r\n8710000000024;2,50\r\n"
NO_COUNTS = {"rows_total": 2, "rows_done": 0, "created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "errors": 0}
WIZARD_CLIENT = "odoo.addons.sluice_supplier_import.wizards.supplier_import_upload.Client"
IMPORT_CLIENT = "odoo.addons.sluice_supplier_import.models.supplier_import.Client"


def column(name, meaning="UNSPECIFIED", question=""):
    return {
        "column": name, "field": f"LIST_FIELD_{meaning}", "samples": ["1,50", "2,50"], "question": question,
        "decimal_style": "DECIMAL_STYLE_COMMA",
    }


def row(number, outcome, before="", after="", code="", message=""):
    return {
        "row": number, "outcome": f"ROW_OUTCOME_{outcome}", "code": code, "message": message, "key": "8710000000017",
        "product": "Bolt", "price_before": before, "price_after": after,
    }


def answer(columns, rows=(), warnings=(), **counts):
    """A Preview answer of the server."""
    return {
        "file": {
            "format": "FILE_FORMAT_CSV", "encoding": "windows-1252", "delimiter": ";", "sheet": "", "header_row": 1,
            "decimal_style": "DECIMAL_STYLE_UNSPECIFIED",
        },
        "columns": list(columns),
        "rows": list(rows),
        "warnings": list(warnings),
        "counters": NO_COUNTS | {"rows_done": len(rows)} | counts,
        "supplier_id": 1,
        "supplier_name": "",
    }


ASKED = answer(
    [column("EAN", "BARCODE"), column("Prijs", question="is this without tax?")], warnings=["no column is mapped to the price"],
)
COMPLETE = answer(
    [column("EAN", "BARCODE"), column("Prijs", "PRICE")],
    [row(2, "CREATED", after="1.5"), row(3, "CREATED", after="2.5")],
    created=2,
)


class UploadCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "De Groothandel", "is_company": True, "supplier_rank": 1})
        cls.purchaser = new_test_user(
            cls.env, "sluice_test_purchaser", groups="base.group_user,purchase.group_purchase_user,sluice.group_user",
        )

    @contextmanager
    def server(self, *answers, where=WIZARD_CLIENT):
        with patch(where) as client:
            client.return_value.upload.return_value = {"upload_id": "0199", "size": len(LIST), "sha256": ""}
            client.return_value.preview.side_effect = answers
            yield client.return_value

    def upload(self, **values):
        return self.env["supplier.import.upload"].with_user(self.purchaser).create({
            "partner_id": self.supplier.id, "file": b64encode(LIST), "file_name": "prices.csv", **values,
        })

    def imported(self, **counters):
        """An import that the server was told of, as the purchaser started it."""
        upload = self.upload()
        with self.server(COMPLETE):
            upload.action_read()
            upload.action_import()
        record = upload.import_id
        record.sudo().job_id.write({"server_id": f"job-{record.id}", "state": "running", **counters})
        return record
