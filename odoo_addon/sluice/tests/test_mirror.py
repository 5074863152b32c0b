# The horizon stays behind every open transaction, digests tell which ids there are, and
# strangers are told nothing.
import hashlib
from datetime import datetime

from odoo import sql_db
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.sluice.models.sluice_mirror import BUCKET_WIDTH, MOST_BUCKETS

MODEL = "res.partner.category"


@tagged("post_install", "-at_install")
class TestMirror(TransactionCase):
    def _horizon(self):
        horizon = self.env["sluice.mirror"].horizon()
        return tuple(datetime.fromisoformat(horizon[name]) for name in ("safe", "now"))

    def _digests(self, domain=(), first_bucket=0):
        answer = self.env["sluice.mirror"].digests(MODEL, list(domain), first_bucket)
        buckets = {bucket: rest for bucket, *rest in answer["buckets"]}
        return buckets, answer["next_bucket"]

    def _expected(self, ids):
        text = ",".join(str(record_id) for record_id in sorted(ids))
        return [len(ids), hashlib.md5(text.encode()).hexdigest()]

    def test_the_horizon_stays_behind_an_open_transaction(self):
        with sql_db.db_connect(self.env.cr.dbname).cursor() as late:
            late.execute("SELECT now() AT TIME ZONE 'UTC'")
            [started] = late.fetchone()
            safe, now = self._horizon()
            self.assertLessEqual(safe, started)
            self.assertLess(started, now)
            late.rollback()

    def test_digests_name_all_that_a_search_would_find(self):
        tags = self.env[MODEL].create([{"name": f"digest {n}"} for n in range(5)])
        tags[0].active = False
        domain = [("name", "=like", "digest %")]
        buckets, following = self._digests(domain)
        self.assertFalse(following)
        parts = {}
        for record_id in tags.ids:
            parts.setdefault(record_id // BUCKET_WIDTH, []).append(record_id)
        expected = {bucket: self._expected(ids) for bucket, ids in parts.items()}
        self.assertEqual(buckets, expected)
        tags[1].unlink()
        self.assertNotEqual(self._digests(domain)[0], expected)

    def test_a_long_gap_costs_no_call(self):
        far = BUCKET_WIDTH * MOST_BUCKETS * 7 + 3
        self.env.cr.execute(
            "INSERT INTO res_partner_category (id, name, active)"
            ' VALUES (%s, \'{"en_US": "far"}\', true)',
            [far],
        )
        _buckets, following = self._digests()
        self.assertEqual(following, far // BUCKET_WIDTH)
        buckets, behind = self._digests(first_bucket=following)
        self.assertEqual(buckets, {following: self._expected([far])})
        self.assertFalse(behind)

    def test_digests_keep_to_the_callers_rights(self):
        service = new_test_user(
            self.env, "mirror-digests", groups="base.group_user,sluice.group_service"
        )
        tags = self.env[MODEL].create([{"name": f"ruled {n}"} for n in range(4)])
        self.env["ir.rule"].create(
            {
                "name": "hides half of the tags",
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "domain_force": [("id", "not in", tags[:2].ids)],
            }
        )
        mirror = self.env["sluice.mirror"].with_user(service)
        answer = mirror.digests(MODEL, [("name", "=like", "ruled %")], 0)
        self.assertEqual(sum(count for _bucket, count, _md5 in answer["buckets"]), 2)
        with self.assertRaises(AccessError):
            mirror.digests("ir.config_parameter", [], 0)

    def test_a_model_without_a_table_is_refused_in_words(self):
        for model in ("no.such.model", "sluice.mirror"):
            with self.assertRaises(UserError):
                self.env["sluice.mirror"].digests(model, [], 0)

    def test_a_stranger_is_refused(self):
        stranger = new_test_user(self.env, "mirror-stranger", groups="base.group_user")
        mirror = self.env["sluice.mirror"].with_user(stranger)
        with self.assertRaises(AccessError):
            mirror.horizon()
        with self.assertRaises(AccessError):
            mirror.digests(MODEL, [], 0)
