# Connecting: what an administrator enters, what Odoo makes of it, and what is said when
# it does not work.
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models import sluice_api
from ..wire import Client
from ..wire.errors import ServerError
from ..wire.settings import ADDRESS, CONNECTION, KEY, TOKEN
from .real_server import RealServerCase, free_port


@tagged("post_install", "-at_install")
class TestConnection(RealServerCase):
    def keys(self):
        self.env.invalidate_all()
        return (
            self.env["res.users.apikeys"]
            .sudo()
            .search([("user_id.login", "=", "sluice_service")])
        )

    def test_a_code_is_all_it_takes(self):
        settings = self.connecting()
        told = settings.action_sluice_connect()
        self.assertEqual(told["params"]["type"], "success")
        self.assertIn("19.0 as sluice_service", told["params"]["message"])
        read = self.env["ir.config_parameter"].sudo().get_param
        self.assertEqual(
            (read(ADDRESS), read(CONNECTION)),
            (self.server.address, settings.sluice_connection_name),
        )
        self.assertTrue(read(TOKEN).startswith("slu_conn_"))
        self.assertEqual(read(KEY), str(self.keys().id))
        user = self.keys().user_id
        self.assertTrue(user.has_group("sluice.group_service"))
        self.assertFalse(user.has_group("base.group_user"))

    def test_connecting_again_leaves_one_key_that_works(self):
        self.connecting(sluice_connection_name="odoo-twice").action_sluice_connect()
        first = self.keys()
        self.connecting(sluice_connection_name="odoo-twice").action_sluice_connect()
        self.assertEqual(len(self.keys()), 1)
        self.assertNotEqual(self.keys(), first)
        self.assertEqual(Client(self.env).test_connection()["user"], "sluice_service")

    def test_an_answer_that_is_lost_leaves_both_keys_and_the_next_renewal_one(self):
        self.connect()
        first = self.keys()

        def lost(client, *arguments):
            pair(client, *arguments)
            raise ServerError("lost", "TOO_SLOW")

        pair = Client.pair
        self.patch(Client, "pair", lost)
        settings = self.connecting(
            sluice_connection_name=self.env["ir.config_parameter"].get_param(CONNECTION)
        )
        try:
            # assertRaises would undo what is committed on the way.
            settings.action_sluice_connect()
            self.fail("the administrator hears of it")
        except UserError as error:
            self.assertEqual(str(error), "lost")
        self.assertEqual(len(self.keys()), 2)
        self.assertIn(first, self.keys(), "nobody knows which key the server has")

    def test_versions_that_do_not_fit_are_said_so(self):
        self.patch(sluice_api, "CONTRACT", 99)
        with self.assertRaisesRegex(UserError, "addon"):
            self.connecting().action_sluice_connect()
        self.assertFalse(self.keys())

    def test_a_code_works_once(self):
        settings = self.connecting()
        settings.action_sluice_connect()
        with self.assertRaisesRegex(UserError, "does not accept this pairing code"):
            settings.action_sluice_connect()

    def test_a_code_that_is_refused_leaves_nothing_behind(self):
        with self.assertRaisesRegex(UserError, "does not accept this pairing code"):
            self.connecting(sluice_code="slu_pair_wrong").action_sluice_connect()
        self.assertFalse(self.keys())
        self.assertFalse(self.env["ir.config_parameter"].sudo().get_param(TOKEN))

    def test_an_odoo_that_is_not_reached_back_is_said_so(self):
        with self.assertRaisesRegex(UserError, "cannot reach this Odoo back"):
            self.connecting(
                sluice_odoo_url=f"http://127.0.0.1:{free_port()}"
            ).action_sluice_connect()
        self.assertFalse(self.keys())

    def test_a_server_that_is_away_is_said_so(self):
        with self.assertRaisesRegex(UserError, "does not answer"):
            self.connecting(
                sluice_address=f"127.0.0.1:{free_port()}"
            ).action_sluice_connect()

    def test_without_a_code_it_is_said_where_to_get_one(self):
        with self.assertRaisesRegex(UserError, "sluice pair"):
            self.connecting(sluice_code=False).action_sluice_connect()

    def test_missing_rights_are_named(self):
        self.patch(
            type(self.env["sluice.api"]),
            "_missing_rights",
            lambda _api: ["may not create products"],
        )
        with self.assertRaisesRegex(UserError, "may not create products"):
            self.connecting().action_sluice_connect()

    def test_a_key_that_odoo_refuses_is_said_so(self):
        self.connect()
        self.keys().sudo().unlink()
        with self.assertRaisesRegex(UserError, "refuses the API key"):
            self.env["sluice.connection"]._test()

    def test_a_new_company_is_the_servers_too(self):
        self.connect()
        company = self.env["res.company"].create({"name": "Founded today"})
        self.assertIn(company, self.keys().user_id.company_ids)

    def test_only_administrators_connect_and_read_the_token(self):
        manager = new_test_user(
            self.env, "sluice_test_manager", groups="sluice.group_manager"
        )
        self.env["ir.config_parameter"].set_param(TOKEN, "slu_conn_secret")
        connection = self.env["sluice.connection"].with_user(manager)
        with self.assertRaises(AccessError):
            connection._connect(
                "gates", "127.0.0.1", "", "slu_pair_x", "http://127.0.0.1:8069"
            )
        with self.assertRaises(AccessError):
            connection._test()
        with self.assertRaises(AccessError):
            self.env["ir.config_parameter"].with_user(manager).get_param(TOKEN)
