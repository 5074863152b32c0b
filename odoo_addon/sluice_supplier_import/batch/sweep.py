"""Lines of a supplier that its list no longer names: counts, ends or deletes them."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tools import SQL

POLICIES = ("end_date", "delete")


def sweep_lines(env, supplier, options, policy, started_at, limit, dry_run):
    """Sweeps at most `limit` lines that no row named since `started_at`; a dry run only
    counts.
    """
    if policy not in POLICIES:
        raise UserError(env._("The policy takes %(known)s.", known=", ".join(POLICIES)))
    if not isinstance(limit, int) or limit < 1:
        raise UserError(
            env._(
                "The limit must be a number from 1, not %(limit)s.", limit=repr(limit)
            )
        )
    lines = env["product.supplierinfo"]
    last_day = started_at.date() - timedelta(days=1)
    stale_ids = _stale_ids(lines, supplier, options, policy, started_at, last_day)
    answer = {
        "total_lines": lines.search_count(_lines_of(lines, supplier, options)),
        "stale_lines": len(stale_ids),
        "swept": 0,
        "remaining": len(stale_ids),
    }
    if dry_run:
        return answer
    swept = lines.browse(stale_ids[:limit])
    if policy == "delete":
        swept.unlink()
    else:
        # A line that only begins later cannot end before it begins: it ends on its
        # first day.
        later = swept.filtered(
            lambda line: line.date_start and line.date_start > last_day
        )
        (swept - later).write({"date_end": last_day})
        for line in later:
            line.date_end = line.date_start
    answer["swept"] = len(swept)
    answer["remaining"] -= len(swept)
    return answer


def _lines_of(lines, supplier, options):
    domain = [
        ("partner_id", "=", supplier.id),
        ("company_id", "in", list(options.line_companies)),
    ]
    if "purchase_requisition_line_id" in lines._fields:
        domain.append(("purchase_requisition_line_id", "=", False))
    return domain


def _stale_ids(lines, supplier, options, policy, started_at, last_day):
    # Asked in SQL, since a domain compares whole seconds and two short runs can share
    # one.
    lines.flush_model()
    query = lines._search(_lines_of(lines, supplier, options), order="id")
    column = lines._field_to_sql(query.table, "last_sync_date", query)
    query.add_where(SQL("(%s IS NULL OR %s < %s)", column, column, started_at))
    if policy == "end_date":
        end = lines._field_to_sql(query.table, "date_end", query)
        start = lines._field_to_sql(query.table, "date_start", query)
        query.add_where(
            SQL("(%s IS NULL OR %s > GREATEST(%s, %s))", end, end, last_day, start)
        )
    return list(query.get_result_ids())
