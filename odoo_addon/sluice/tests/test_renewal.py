# The server's key is replaced before it expires, and the old one goes when nobody needs
# it any more.
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.sluice_connection import RENEW_DAYS
from ..wire.settings import KEY, TOKEN
from .real_server import RealServerCase


@tagged("post_install", "-at_install")
class TestRenewal(RealServerCase):
    def setUp(self):
        super().setUp()
        self.client = self.connect()

    def keys(self):
        self.env.invalidate_all()
        return self.env["sluice.connection"]._keys()

    def expire(self, days):
        expires = fields.Datetime.now() + timedelta(days=days)
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = %s WHERE id IN %s",
            (expires, tuple(self.keys().ids)),
        )

    def renew(self):
        self.env["sluice.connection"]._renew_key()
        return self.keys()

    def works(self):
        return self.client.test_connection()["user"] == "sluice_service"

    def test_a_key_that_lasts_is_left_alone(self):
        before = self.keys()
        self.assertEqual(len(before), 1)
        self.expire(RENEW_DAYS + 1)
        self.assertEqual(self.renew(), before)

    def test_a_key_is_replaced_before_it_expires(self):
        before = self.keys()
        self.expire(RENEW_DAYS - 1)
        after = self.renew()
        self.assertEqual(len(after), 1)
        self.assertNotEqual(after, before)
        self.assertGreater(
            after.expiration_date, fields.Datetime.now() + timedelta(days=300)
        )
        self.assertEqual(
            self.env["ir.config_parameter"].sudo().get_param(KEY), str(after.id)
        )
        self.assertTrue(
            self.works(), "the server uses the new key: the old one is gone"
        )

    def test_a_server_that_is_away_keeps_its_key(self):
        before = self.keys()
        self.expire(RENEW_DAYS - 1)
        self.server.stop()
        try:
            self.assertEqual(self.renew(), before)
        finally:
            self.server.start()
        self.assertTrue(self.works())

    def test_an_unfinished_replacement_is_done_again(self):
        self.env["sluice.connection"]._new_key()  # as when the server's answer was lost
        self.assertEqual(len(self.keys()), 2)
        self.assertEqual(len(self.renew()), 1)
        self.assertTrue(self.works())

    def test_a_database_that_is_not_connected_has_nothing_to_renew(self):
        self.env["ir.config_parameter"].set_param(TOKEN, False)
        before = self.keys()
        self.expire(RENEW_DAYS - 1)
        self.assertEqual(self.renew(), before)
