# The horizon stays behind every open transaction, and is told to nobody but the
# service.
from datetime import datetime

from odoo import sql_db
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMirror(TransactionCase):
    def _horizon(self):
        horizon = self.env["sluice.mirror"].horizon()
        return tuple(datetime.fromisoformat(horizon[name]) for name in ("safe", "now"))

    def test_the_horizon_stays_behind_an_open_transaction(self):
        with sql_db.db_connect(self.env.cr.dbname).cursor() as late:
            late.execute("SELECT now() AT TIME ZONE 'UTC'")
            [started] = late.fetchone()
            safe, now = self._horizon()
            self.assertLessEqual(safe, started)
            self.assertLess(started, now)
            late.rollback()

    def test_a_stranger_is_refused(self):
        stranger = new_test_user(self.env, "mirror-stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["sluice.mirror"].with_user(stranger).horizon()
