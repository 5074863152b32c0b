# Connecting: what an administrator enters, what Odoo makes of it, and what is said when it does not work.
import grpc

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..wire.generated import connections_pb2
from ..wire.settings import ADDRESS, CONNECTION, TOKEN
from .far_side import FarSide, refuse

SAVE = "/sluice.v1.Connections/Save"
TEST = "/sluice.v1.Connections/Test"


@tagged("post_install", "-at_install")
class TestConnection(TransactionCase):
    def setUp(self):
        super().setUp()
        # Keys are made in transactions of their own, which a test keeps inside its own.
        self.enterContext(self.enter_registry_test_mode())
        self.asked = []

    def save(self, request, _context):
        self.asked.append(connections_pb2.ConnectionsSaveRequest.FromString(request))
        answer = connections_pb2.ConnectionsSaveResponse(connection={"name": self.asked[-1].name}, token="slu_conn_given")
        return answer.SerializeToString()

    def answer_test(self, _request, _context):
        return connections_pb2.ConnectionsTestResponse(odoo_version="19.0", user="sluice_service", round_trip_ms=12).SerializeToString()

    def settings(self, far, **values):
        return self.env["res.config.settings"].create({
            "sluice_address": far.address, "sluice_code": "slu_pair_x", "sluice_odoo_url": "http://127.0.0.1:8069",
            "sluice_connection_name": "gates", **values,
        })

    def keys(self):
        return self.env["res.users.apikeys"].sudo().search([("user_id.login", "=", "sluice_service")])

    def test_a_code_is_all_it_takes(self):
        with FarSide({SAVE: self.save, TEST: self.answer_test}) as far:
            told = self.settings(far).action_sluice_connect()
            self.assertEqual(told["params"]["type"], "success")
            self.assertEqual(far.metadata["authorization"], "Bearer slu_conn_given")
        asked = self.asked[0]
        self.assertEqual((asked.name, asked.url, asked.database), ("gates", "http://127.0.0.1:8069", self.env.cr.dbname))
        read = self.env["ir.config_parameter"].sudo().get_param
        self.assertEqual((read(ADDRESS), read(CONNECTION), read(TOKEN)), (far.address, "gates", "slu_conn_given"))
        user = self.keys().user_id
        self.assertEqual(user.id, self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=asked.api_key))
        self.assertTrue(user.has_group("sluice.group_service"))
        self.assertFalse(user.has_group("base.group_user"))

    def test_connecting_again_leaves_one_key(self):
        with FarSide({SAVE: self.save, TEST: self.answer_test}) as far:
            self.settings(far).action_sluice_connect()
            self.settings(far).action_sluice_connect()
        self.assertEqual(len(self.keys()), 1)
        self.assertTrue(self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=self.asked[-1].api_key))

    def test_a_code_that_is_refused_leaves_nothing_behind(self):
        with FarSide({SAVE: refuse(grpc.StatusCode.UNAUTHENTICATED, "unknown token", "TOKEN_INVALID")}) as far:
            with self.assertRaisesRegex(UserError, "does not accept this pairing code"):
                self.settings(far).action_sluice_connect()
        self.assertFalse(self.keys())
        self.assertFalse(self.env["ir.config_parameter"].sudo().get_param(TOKEN))

    def test_an_odoo_that_is_not_reached_back_is_said_so(self):
        answer = refuse(grpc.StatusCode.UNAVAILABLE, "Odoo does not answer at http://127.0.0.1:8069", "ODOO_UNREACHABLE")
        with FarSide({SAVE: answer}) as far:
            with self.assertRaisesRegex(UserError, "cannot reach this Odoo back"):
                self.settings(far).action_sluice_connect()

    def test_without_a_code_it_is_said_where_to_get_one(self):
        with FarSide({}) as far, self.assertRaisesRegex(UserError, "sluice pair"):
            self.settings(far, sluice_code=False).action_sluice_connect()

    def test_missing_rights_are_named(self):
        def lacking(_request, _context):
            return connections_pb2.ConnectionsTestResponse(user="x", missing_rights=["may not create products"]).SerializeToString()

        with FarSide({SAVE: self.save, TEST: lacking}) as far:
            with self.assertRaisesRegex(UserError, "may not create products"):
                self.settings(far).action_sluice_connect()

    def test_only_administrators_connect_and_read_the_token(self):
        manager = new_test_user(self.env, "sluice_test_manager", groups="sluice.group_manager")
        self.env["ir.config_parameter"].set_param(TOKEN, "slu_conn_secret")
        connection = self.env["sluice.connection"].with_user(manager)
        with self.assertRaises(AccessError):
            connection._connect("gates", "127.0.0.1", "", "slu_pair_x", "http://127.0.0.1:8069")
        with self.assertRaises(AccessError):
            connection._test()
        with self.assertRaises(AccessError):
            self.env["ir.config_parameter"].with_user(manager).get_param(TOKEN)
