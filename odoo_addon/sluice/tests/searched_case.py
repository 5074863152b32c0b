# Contacts of two companies that are mirrored and searchable, for the tests of the
# search.
from odoo.tests import new_test_user

from ..models import sluice_relay
from .embedder import Embedder
from .real_server import RealServerCase

MODEL = "res.partner"
GHENT = "Glass supplier in Ghent"
ANTWERP = "Glass supplier in Antwerp"
LIEGE = "Glass cutter in Liege"
BENT = "bends panes"


class SearchedCase(RealServerCase):
    def setUp(self):
        super().setUp()
        self.embedder = Embedder()
        self.addCleanup(self.embedder.stop)
        self.client = self.connect()
        self.patch(sluice_relay, "RUN_SECONDS", 1)
        service = self.env["sluice.connection"]._service_user_if_any()
        service.group_ids += self.env.ref("base.group_user")
        self.other_company = self.env["res.company"].create({"name": "Elsewhere"})
        service.company_ids += self.other_company
        self.here = self.user("sluice_here", self.env.company)
        self.elsewhere = self.user("sluice_elsewhere", self.other_company)
        self.tag = self.env["res.partner.category"].create({"name": "trouble"})
        self.ghent = self.partner(GHENT, False, comment=f"<p>{BENT}</p>")
        self.antwerp = self.partner(
            ANTWERP, self.env.company, category_id=[(6, 0, self.tag.ids)]
        )
        self.liege = self.partner(LIEGE, self.other_company)
        self.mirror()

    def user(self, login, company, groups="base.group_user,sluice.group_user"):
        return new_test_user(
            self.env,
            login,
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def partner(self, name, company, **values):
        return self.env[MODEL].create(
            {"name": name, "company_id": company and company.id, **values}
        )

    def mirror(self):
        self.client.configure_mirror([{"model": MODEL}])
        self.to_end(self.client.sync_model(MODEL))

    def make_searchable(self, *field_names):
        field_names = field_names or ("name", "comment", "category_id")
        told = self.client.configure_search(
            [{"model": MODEL, "field_names": field_names}], **self.embedder.settings()
        )
        for job in told["jobs"]:
            self.to_end(job)

    def to_end(self, job):
        end = self.until(self.client, job["id"], "SUCCEEDED", "FAILED")
        self.assertEqual(end["type"], "EVENT_TYPE_SUCCEEDED", end)

    def find(self, user, text, **arguments):
        self.env.flush_all()
        return self.env["sluice.search"].with_user(user).find(text, **arguments)

    def names(self, answer):
        """The names of all that an answer shows, the best first."""
        return [hit["name"] for group in answer["groups"] for hit in group["hits"]]
