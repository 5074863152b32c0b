# The horizon stays behind every open transaction, digests tell which ids there are,
# rows what is in records, and strangers are told nothing.
import hashlib
import json
from datetime import datetime
from unittest.mock import patch

from odoo import sql_db
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.json import json_default

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
        with self.assertRaises(AccessError):
            mirror.rows(MODEL, [], ["name"], 1)

    def _all_stored(self, model):
        fields = self.env[model]._fields.values()
        return [field.name for field in fields if field.store and field.name != "id"]

    def _as_told(self, answer):
        return json.loads(json.dumps(answer, default=json_default))

    def _check_rows(self, model, names, domain=()):
        """They are what `search_read` has; returns how many."""
        limit = 50
        rows = self.env["sluice.mirror"].rows(model, list(domain), names, limit)
        records = self.env[model].with_context(active_test=False)
        read = records.search_read(
            domain, ["id", *names], limit=limit, order="id", load=None
        )
        expected = [[values[name] for name in ("id", *names)] for values in read]
        self.assertEqual(self._as_told(rows), self._as_told(expected))
        return len(rows)

    def test_rows_are_what_is_read_of_records(self):
        company = self.env.company
        self.env["res.partner"].create(
            {
                "name": "Anna",
                "active": False,
                "category_id": self.env[MODEL].create({"name": "told"}).ids,
                "comment": "<p>told &amp; kept</p>",
                "company_id": company.id,
                "partner_latitude": 51.5,
            }
        )
        models = ("res.partner", "res.users", "res.company", "res.country", "ir.cron")
        for model in models:
            with self.subTest(model=model):
                self.assertGreater(self._check_rows(model, self._all_stored(model)), 0)
        computed = ["display_name", "commercial_partner_id", "tz_offset"]
        self._check_rows("res.partner", computed, [("name", "=", "Anna")])
        self._check_rows("res.partner", [])
        self._check_rows("res.partner", ["name"], [("id", "=", 0)])

    def test_rows_of_a_model_that_reads_in_its_own_way_are_what_it_reads(self):
        def own(records, fnames, load="_classic_read"):
            return [
                {"id": record.id, **dict.fromkeys(fnames, "own")} for record in records
            ]

        with patch.object(type(self.env[MODEL]), "_read_format", own):
            self.env[MODEL].create({"name": "told"})
            rows = self.env["sluice.mirror"].rows(MODEL, [], ["name"], 5)
        self.assertEqual({name for _id, name in rows}, {"own"})

    def test_rows_keep_to_the_callers_rights(self):
        service = new_test_user(
            self.env, "mirror-rows", groups="base.group_user,sluice.group_service"
        )
        mirror = self.env["sluice.mirror"].with_user(service)
        tags = self.env[MODEL].create([{"name": f"ruled {n}"} for n in range(4)])
        self.env["ir.rule"].create(
            {
                "name": "hides half of the tags",
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "domain_force": [("id", "not in", tags[:2].ids)],
            }
        )
        rows = mirror.rows(MODEL, [("id", "in", tags.ids)], ["name"], 10)
        self.assertEqual([row[0] for row in rows], tags[2:].ids)
        with self.assertRaises(AccessError):
            mirror.rows("res.users", [], ["login", "totp_secret"], 10)
        with self.assertRaises(AccessError):
            mirror.rows("ir.config_parameter", [], ["value"], 10)

    def test_rows_of_what_is_not_there_are_refused(self):
        mirror = self.env["sluice.mirror"]
        for model in ("no.model", "sluice.mirror"):
            with self.assertRaises(UserError):
                mirror.rows(model, [], [], 5)
        with self.assertRaises(ValueError):
            mirror.rows(MODEL, [], ["no_field"], 5)
