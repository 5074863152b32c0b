# Managers choose what is searchable and see how far the index is; Similar Records
# stands in the lists meanwhile.
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..wire.errors import ServerError
from .searched_case import GHENT, MODEL, SearchedCase


@tagged("post_install", "-at_install")
class TestSearchScreen(SearchedCase):
    def mirrored(self):
        mirrors = self.env["sluice.mirror.model"]
        mirrors._refresh(self.client)
        return mirrors.search([("model", "=", MODEL)])

    def test_nothing_is_searchable_at_first(self):
        answer = self.find(self.here, "glass")
        self.assertEqual((answer["models"], answer["groups"]), ([], []))
        mirrored = self.mirrored()
        self.assertFalse(mirrored.is_searchable or mirrored.similar_action_id)
        with self.assertRaises(ServerError) as caught:
            mirrored.action_make_searchable()
        self.assertEqual(caught.exception.reason, "EMBEDDER_NOT_SET")

    def test_a_manager_makes_a_model_searchable_and_sees_the_index(self):
        self.client.configure_search(**self.embedder.settings())
        mirrored = self.mirrored()
        mirrored.action_make_searchable()
        self.assertTrue(mirrored.is_searchable)
        embedded = mirrored.embedded_fields.split(", ")
        self.assertIn("name", embedded)
        # It has a value for each company.
        self.assertNotIn("barcode", embedded)
        for one in self.client.search_status()["models"]:
            self.to_end(one["last_job"])
        mirrored = self.mirrored()
        self.assertEqual((mirrored.waiting_count, mirrored.unembedded_count), (0, 0))
        self.assertGreaterEqual(mirrored.found_count, 3)
        action = mirrored.action_embed()
        job = self.env["sluice.job"].browse(action["res_id"])
        self.to_end({"id": job.server_id})
        self.assertEqual((job.kind_name, job.res_id), ("Search index", mirrored.id))
        mirrored.action_make_unsearchable()
        self.assertFalse(mirrored.is_searchable or mirrored.similar_action_id)
        self.assertEqual(self.find(self.here, "glass")["models"], [])

    def test_similar_records_stand_in_the_lists_of_those_who_may_search(self):
        self.make_searchable()
        action = self.mirrored().similar_action_id
        self.assertEqual(action.binding_model_id.model, MODEL)
        self.assertEqual(action.group_ids, self.env.ref("sluice.group_user"))
        context = {"active_model": MODEL, "active_ids": self.antwerp.ids}
        told = action.with_user(self.here).with_context(**context).run()
        self.assertEqual(
            (told["tag"], told["params"]),
            ("sluice_search", {"model": MODEL, "record_id": self.antwerp.id}),
        )
        search = self.env["sluice.search"].with_user(self.here)
        answer = search.similar(told["params"]["model"], told["params"]["record_id"])
        self.assertEqual(self.names(answer)[0], GHENT)

    def test_only_managers_choose(self):
        self.make_searchable()
        mirrored = self.mirrored().with_user(self.here)
        for name in (
            "action_make_searchable",
            "action_make_unsearchable",
            "action_embed",
            "action_retry_embedding",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(mirrored, name)()
