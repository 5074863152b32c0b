"""Finds the rows that Odoo rejects, so that their batch does not suffer for them."""

from psycopg2 import DataError, IntegrityError

from odoo.exceptions import UserError

# What a bad row can raise. Everything else (lost connection, serialization failure, a
# bug in the server) is not the row's fault and goes up.
REJECTIONS = (UserError, IntegrityError, DataError, ValueError, TypeError)


def apply_all(env, rows, apply, reject):
    """Applies the rows together, and where Odoo refuses, each half by itself, down to
    the single row.

    `apply(rows)` returns what became of them, `reject(row, error)` what becomes of a
    row that fails alone. A half that failed leaves nothing behind. Returns the results
    in the order of the rows.
    """
    if not rows:
        return []
    try:
        with env.cr.savepoint():
            return [apply(rows)]
    except REJECTIONS as error:
        if len(rows) == 1:
            return [reject(rows[0], error)]
    middle = len(rows) // 2
    return apply_all(env, rows[:middle], apply, reject) + apply_all(
        env, rows[middle:], apply, reject
    )
