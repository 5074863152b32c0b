# What a mirror of this database asks: how far changes can be read, and whether a model
# still has the records it had.
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# How many ids one bucket spans, and how many buckets one call covers: a million ids
# take Postgres about a second.
BUCKET_WIDTH = 10_000
MOST_BUCKETS = 100


class SluiceMirror(models.AbstractModel):
    _name = "sluice.mirror"
    _description = "Sluice: how far changes can be read"

    @api.model
    def horizon(self):
        """The database's time, and one before which all that was written is committed.

        The latter is False if nobody can tell. `write_date` is the start of its
        transaction. So nothing that is committed later can have a `write_date` before
        the start of the oldest transaction that is open now. Transactions of other
        database users do not count: they are not Odoo's, and Postgres does not show
        them to us.
        """
        self.env["sluice.api"]._check_service()
        query = SQL("""
            SELECT
                clock_timestamp() AT TIME ZONE 'UTC',
                min(xact_start) AT TIME ZONE 'UTC',
                current_setting('track_activities')::boolean
            FROM pg_stat_activity
            WHERE datname = current_database()
                AND pid <> pg_backend_pid()
        """)
        self.env.cr.execute(query)
        now, oldest, is_tracked = self.env.cr.fetchone()
        safe = min(now, oldest or now) if is_tracked else False
        return {"now": str(now), "safe": safe and str(safe)}

    @api.model
    def digests(self, model, domain, first_bucket):
        """What the ids of a model's records are, archived ones too, as short digests.

        Bucket n holds the ids from n * width up to, but without, (n + 1) * width. Each
        that is not empty comes as (bucket, number of ids, MD5 of the ids in rising
        order with commas between them). `next_bucket` is where the next call has to
        begin; False if there is nothing behind. Whoever asks sees what a search would
        show.
        """
        self.env["sluice.api"]._check_service()
        if model not in self.env or self.env[model]._abstract:
            message = self.env._(
                "There is no table of the model %(model)s.", model=model
            )
            raise UserError(message)
        records = self.env[model].with_context(active_test=False)
        domain = Domain(domain)
        end = first_bucket + MOST_BUCKETS
        listed = records._search(
            domain
            & Domain("id", ">=", first_bucket * BUCKET_WIDTH)
            & Domain("id", "<", end * BUCKET_WIDTH)
        )
        query = SQL(
            """
            SELECT
                id / %(width)s,
                count(*),
                md5(string_agg(id::text, ',' ORDER BY id))
            FROM (%(listed)s) AS listed (id)
            GROUP BY 1
            ORDER BY 1
            """,
            width=BUCKET_WIDTH,
            listed=listed.select(),
        )
        behind = domain & Domain("id", ">=", end * BUCKET_WIDTH)
        following = records.search(behind, order="id", limit=1)
        return {
            "width": BUCKET_WIDTH,
            "buckets": self.env.execute_query(query),
            "next_bucket": following.id // BUCKET_WIDTH if following else False,
        }
