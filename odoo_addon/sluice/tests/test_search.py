# The search shows each person what that person may read now, and nothing of the rest.
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..wire.errors import ServerError
from .searched_case import ANTWERP, BENT, GHENT, LIEGE, MODEL, SearchedCase


@tagged("post_install", "-at_install")
class TestSearch(SearchedCase):
    def setUp(self):
        super().setUp()
        self.make_searchable()

    def hide(self, records, model=MODEL):
        self.env["ir.rule"].create(
            {
                "name": "hides some records",
                "model_id": self.env["ir.model"]._get_id(model),
                "domain_force": [("id", "not in", records.ids)],
            }
        )

    def test_each_company_finds_its_own_records_and_those_of_nobody(self):
        here = self.find(self.here, "glass supplier")
        self.assertCountEqual(self.names(here)[:2], [GHENT, ANTWERP])
        self.assertNotIn(LIEGE, str(here))
        elsewhere = self.find(self.elsewhere, "glass")
        self.assertCountEqual(self.names(elsewhere)[:2], [GHENT, LIEGE])
        self.assertNotIn(ANTWERP, str(elsewhere))
        [group] = here["groups"]
        self.assertEqual((group["model"], group["name"]), (MODEL, "Contact"))
        self.assertEqual(here["models"], [{"model": MODEL, "name": "Contact"}])

    def test_what_changed_in_odoo_counts_before_the_index_knows(self):
        self.antwerp.company_id = self.other_company
        self.liege.unlink()
        self.ghent.name = "Renamed"
        self.assertNotIn(ANTWERP, str(self.find(self.here, "glass supplier")))
        found = self.names(self.find(self.elsewhere, "glass supplier"))
        self.assertCountEqual(found[:2], ["Renamed", ANTWERP])
        self.assertNotIn(LIEGE, found)

    def test_record_rules_hide_and_the_next_best_fill_up(self):
        self.hide(self.antwerp)
        answer = self.find(self.here, "glass supplier in antwerp", limit=2)
        self.assertEqual(len(self.names(answer)), 2)
        self.assertEqual(self.names(answer)[0], GHENT)
        self.assertNotIn("Antwerp", str(answer))

    def test_hidden_records_in_great_number_hide_no_other(self):
        # More than are asked for at first.
        crowd = self.env[MODEL].create(
            [{"name": f"Glass supplier {n}"} for n in range(30)]
        )
        self.hide(crowd)
        answer = self.find(self.here, "glass supplier ghent", limit=1)
        self.assertEqual(self.names(answer), [GHENT])

    def test_a_model_that_is_closed_is_not_even_named(self):
        self.env["ir.model.access"].search([("model_id.model", "=", MODEL)]).unlink()
        answer = self.find(self.here, "glass supplier")
        self.assertEqual((answer["models"], answer["groups"]), ([], []))

    def test_fields_of_other_groups_give_nothing_away(self):
        open_answer = self.find(self.here, BENT)
        [hit] = [one for one in open_answer["groups"][0]["hits"] if one["by_words"]]
        self.assertEqual(hit["name"], GHENT)
        self.assertIn(BENT, hit["snippet"])
        field = self.env[MODEL]._fields["comment"]
        self.patch(field, "groups", "base.group_system")
        closed = self.find(self.here, BENT)
        self.assertTrue(self.names(closed))
        for hit in closed["groups"][0]["hits"]:
            self.assertEqual((hit["snippet"], hit["by_words"]), ("", False))
        self.assertNotIn(BENT, str(closed))

    def test_nothing_of_a_text_is_shown_whose_fields_nobody_knows(self):
        self.patch(
            type(self.env["sluice.search"]),
            "_searchable",
            lambda search, client: {MODEL: []},
        )
        [group] = self.find(self.here, BENT)["groups"]
        for hit in group["hits"]:
            self.assertEqual((hit["snippet"], hit["by_words"]), ("", False))

    def test_names_of_related_records_that_are_hidden_are_not_shown(self):
        self.assertIn("trouble", str(self.find(self.here, "supplier trouble")))
        self.hide(self.tag, "res.partner.category")
        answer = self.find(self.here, "supplier trouble")
        self.assertIn(ANTWERP, self.names(answer))
        self.assertNotIn("trouble", str(answer))

    def test_the_search_is_for_those_with_the_right(self):
        search = self.env["sluice.search"]
        for login, groups in (
            ("search_stranger", "base.group_user"),
            ("search_portal", "base.group_portal"),
            ("search_public", "base.group_public"),
        ):
            stranger = new_test_user(self.env, login, groups=groups)
            with self.subTest(login), self.assertRaises(AccessError):
                search.with_user(stranger).find("glass")
            with self.subTest(login), self.assertRaises(AccessError):
                search.with_user(stranger).similar(MODEL, self.ghent.id)

    def test_superuser_mode_shows_no_more_than_the_user_may_read(self):
        search = self.env["sluice.search"].with_user(self.here).sudo()
        self.assertNotIn(LIEGE, str(search.find("glass")))

    def test_likes_of_a_record_are_told_to_those_who_may_read_it(self):
        search = self.env["sluice.search"].with_user(self.here)
        answer = search.similar(MODEL, self.antwerp.id)
        self.assertEqual((answer["name"], self.names(answer)[0]), (ANTWERP, GHENT))
        self.assertNotIn(LIEGE, str(answer))
        for refused in ((MODEL, self.liege.id), ("res.bank", 1), ("no.such", 1)):
            with self.subTest(refused), self.assertRaises(AccessError):
                search.similar(*refused)

    def test_without_an_embedder_words_are_still_found(self):
        self.embedder.stop()
        answer = self.find(self.here, "supplier ghent")
        self.assertTrue(answer["by_words_only"])
        self.assertEqual(self.names(answer), [GHENT])

    def test_what_cannot_be_asked_is_said_in_words(self):
        self.assertEqual(self.find(self.here, "  ")["groups"], [])
        with self.assertRaises(UserError) as caught:
            self.find(self.here, "x" * 100_000)
        self.assertIn("too long", str(caught.exception))
        self.assertEqual(self.find(self.here, "glass", model_names=[])["groups"], [])
        odd = self.find(self.here, "glass", model_names=["no.such.model"])
        self.assertEqual(odd["groups"], [])
        self.server.stop()
        self.addCleanup(self.server.start)
        with self.assertRaises(ServerError) as caught:
            self.find(self.here, "glass")
        self.assertIn("does not answer", str(caught.exception))
