# What a mirror of this database asks: how far changes can be read, what is in many
# records, and whether a model still has the records it had.
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# How many ids one bucket spans, and how many buckets one call covers: a million ids
# take Postgres about a second.
BUCKET_WIDTH = 10_000
MOST_BUCKETS = 100


def _plain(values):
    return [False if value is None else value for value in values]


def _integers(values):
    return [value or 0 for value in values]


def _fractions(values):
    return [value or 0.0 for value in values]


def _moments(values):
    return [value.isoformat(" ", "seconds") if value else False for value in values]


def _conversions(field_class):
    return field_class.convert_to_record, field_class.convert_to_read


# What becomes of values between Odoo's cache and the answer of `read`, by the two
# methods of a field that do it one by one.
BY_CONVERSIONS = {
    _conversions(fields.Field): _plain,
    _conversions(fields.Char): _plain,
    _conversions(fields.Many2one): _plain,
    _conversions(fields.Integer): _integers,
    _conversions(fields.Float): _fractions,
    _conversions(fields.Monetary): _fractions,
}


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
        them to us. `gives_rows` says that the method `rows` is there.
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
        return {"now": str(now), "safe": safe and str(safe), "gives_rows": True}

    @api.model
    def digests(self, model, domain, first_bucket):
        """What the ids of a model's records are, archived ones too, as short digests.

        Bucket n holds the ids from n * width up to, but without, (n + 1) * width. Each
        that is not empty comes as (bucket, number of ids, MD5 of the ids in rising
        order with commas between them). `next_bucket` is where the next call has to
        begin; False if there is nothing behind. Whoever asks sees what a search would
        show.
        """
        records = self._all_of(model)
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

    @api.model
    def rows(self, model, domain, names, limit):
        """The first records of a domain by rising ids, archived ones too.

        Each comes as a list: its id, and the values of the fields of these names as
        `search_read` gives them, relations to one record as bare ids. It takes half of
        the time that `search_read` does, which looks at each value of each record by
        itself.
        """
        records = self._all_of(model).search_fetch(
            domain, names, limit=limit, order="id"
        )
        # The cache that we look into lacks what this transaction has still to compute.
        records._recompute_recordset(names)
        # As in `search_read`: that archived ones count is meant for the search alone.
        records = records.with_env(self.env)
        if type(records)._read_format is models.BaseModel._read_format:
            columns = [self._column(records, name) for name in names]
            # Computing a value may find that a record is gone meanwhile.
            if all(len(column) == len(records) for column in columns):
                return list(zip(records.ids, *columns, strict=True))
        read = records._read_format(names, load=None)
        return [[values[name] for name in ("id", *names)] for values in read]

    @api.model
    def _column(self, records, name):
        """The values of a field as `read` gives them, for each record that is there."""
        field = records._fields[name]
        convert = BY_CONVERSIONS.get(_conversions(type(field)))
        known = field._get_cache(records.env)
        is_simple = field.store and not (
            field.company_dependent or getattr(field, "translate", False)
        )
        if convert and is_simple and all(map(known.__contains__, records._ids)):
            convert = _moments if field.type == "datetime" else convert
            return convert(map(known.__getitem__, records._ids))
        return [values[name] for values in records._read_format([name], load=None)]

    @api.model
    def _all_of(self, model):
        """A model to search, archived records too; for the service only."""
        self.env["sluice.api"]._check_service()
        if model not in self.env or self.env[model]._abstract:
            message = self.env._(
                "There is no table of the model %(model)s.", model=model
            )
            raise UserError(message)
        return self.env[model].with_context(active_test=False)
