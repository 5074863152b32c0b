# What a mirror of this database asks: how far changes can be read without missing one
# that is not committed yet.
from odoo import api, models
from odoo.tools import SQL


class SluiceMirror(models.AbstractModel):
    _name = "sluice.mirror"
    _description = "Sluice: how far changes can be read"

    @api.model
    def horizon(self):
        """The database's time, and a time before which everything that was written is
        committed; False if nobody can tell.

        `write_date` is the start of its transaction. So nothing that is committed later
        can have a `write_date` before the start of the oldest transaction that is open
        now. Transactions of other database users do not count: they are not Odoo's, and
        Postgres does not show them to us.
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
