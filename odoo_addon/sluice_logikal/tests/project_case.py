# The stage of these tests: the service user, and one function that hands elevations
# over.
import uuid

from odoo.tests import TransactionCase, new_test_user

NULL_GUID = "00000000-0000-0000-0000-000000000000"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


class ProjectCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = new_test_user(
            cls.env, "sluice_test_service", groups="sluice.group_service"
        )
        cls.batch = cls.env["sluice.logikal.batch"].with_user(cls.service)

    def setUp(self):
        super().setUp()
        self.job = str(uuid.uuid4())

    def told(self, guid="5ddb1393", **values):
        """A project as the server tells it."""
        return {
            "guid": guid,
            "name": "DOS22309",
            "directory": "Demo Odoo",
            "job_number": "0000003948",
            "offer_number": "OFF44465 NG",
            "person_in_charge": "J. Jansen",
            "currency": self.env.company.currency_id.name,
            "changed_date": "2025-08-27T13:02:52Z",
            **values,
        }

    def row(self, number, phase=NULL_GUID, **values):
        """An elevation as the server tells it; `values` are those of the elevation, but
        for `failures`, `lines` and `thumbnail`.
        """
        rest = {
            name: values.pop(name, default)
            for name, default in (
                ("failures", []),
                ("lines", [self.glass()]),
                ("thumbnail", PIXEL),
            )
        }
        return {
            "row": number,
            "phase": {
                "guid": phase,
                "name": "Standaard" if phase == NULL_GUID else phase,
                "description": "",
                "position": 1 if phase == NULL_GUID else 2,
            },
            "elevation": {
                "guid": f"elevation {number}",
                "name": f"P{number}",
                "position": number,
                "amount": 2.0,
                "width_mm": 1200.0,
                "height_mm": 1500.0,
                "is_recycled": False,
                "description": "Draaikiepraam",
                "system": "MB-86 SI",
                "color_inside": "9010",
                "color_outside": "7016",
                "kind": "Elevation",
                "changed_date": "2025-08-27T13:02:52Z",
                "weight_kg": 48.5,
                "area_m2": 1.8,
                "unit_price": 121.0,
                "net_unit_price": 100.0,
                "total_price": 242.0,
                "has_parts_list": True,
                **values,
            },
            **rest,
        }

    def glass(self, **values):
        return {
            "position": 1,
            "kind": "glass",
            "insertion": 1,
            "code": "G1",
            "supplier": "",
            "name": "HR++",
            "description": "4-16-4",
            "color": "",
            "amount": 1,
            "amount_unit": "PCE",
            "width": 0.5,
            "width_unit": "m",
            "height": 1.2,
            "height_unit": "m",
            "length": None,
            "length_unit": None,
            "weight": None,
            "weight_unit": None,
            "minutes": None,
            "price": 63.25,
            "price_gross": None,
            **values,
        }

    def apply(self, *rows, attempt=1, project=None):
        answer = self.batch.apply_batch(
            job=self.job, attempt=attempt, project=project or self.told(), rows=rows
        )
        self.env.invalidate_all()
        return answer

    def project(self, guid="5ddb1393"):
        return self.env["sluice.logikal.project"].search([("guid", "=", guid)])
