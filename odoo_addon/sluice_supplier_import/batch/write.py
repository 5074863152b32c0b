"""Carries out decisions: one create, and one bulk update of all lines, or writes
grouped by equal values.

Works on superuser records; the caller has checked rights before.
"""

from collections import defaultdict

from psycopg2.extensions import AsIs, adapt

# Where `write` of a price line is known to do nothing for the fields of a list: the
# ORM's, and the core addon's, which only looks at the product.
PLAIN_WRITERS = {"odoo.orm.models", "odoo.addons.product.models.product_supplierinfo"}

# A new product's creation is no conversation: no followers, no log message, no
# tracking.
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
}


def carry_out(env, decisions, now):
    """Writes what the decisions say; `now` is the stamp of every line that the batch
    names. Raises whatever Odoo raises.
    """
    _reactivate(env, decisions)
    _create_products(env, decisions)
    _create_lines(
        env, [decision for decision in decisions if decision.outcome == "created"], now
    )
    _update_lines(env, [decision for decision in decisions if decision.line], now)
    env.flush_all()


def _reactivate(env, decisions):
    product_ids = {
        decision.product.id
        for decision in decisions
        if decision.reactivate and decision.product.id
    }
    if product_ids:
        env["product.product"].browse(product_ids).with_context(
            **QUIET
        ).action_unarchive()


def _create_products(env, decisions):
    """Creates the missing products as variants, which is three times as fast as by
    their templates.
    """
    missing = defaultdict(list)
    for decision in decisions:
        if decision.new_product:
            missing[decision.new_product].append(decision)
    if not missing:
        return
    products = (
        env["product.product"]
        .with_context(**QUIET)
        .create(
            [
                _product_values([decision.row for decision in group])
                for group in missing.values()
            ]
        )
    )
    for product, group in zip(products, missing.values(), strict=True):
        for decision in group:
            decision.values["product_tmpl_id"] = product.product_tmpl_id.id
            decision.values["product_id"] = False
            decision.values["product_uom_id"] = (
                decision.values["product_uom_id"] or product.uom_id.id
            )


def _product_values(rows):
    def first(*keys):
        return next((row[key] for key in keys for row in rows if row.get(key)), None)

    values = {
        "name": first(
            "name", "product_name", "default_code", "product_code", "barcode"
        ),
        "barcode": first("barcode"),
        "default_code": first("default_code"),
        "weight": first("weight"),
    }
    return {name: value for name, value in values.items() if value is not None}


def _create_lines(env, decisions, now):
    if decisions:
        env["product.supplierinfo"].create(
            [{**decision.values, "last_sync_date": now} for decision in decisions]
        )


def _update_lines(env, decisions, now):
    """Stamps every line and writes what changed."""
    by_values = defaultdict(list)
    for decision in decisions:
        by_values[tuple(decision.values.items())].append(decision.line.id)
    if _is_plain(env, {name for values in by_values for name, _value in values}):
        lines = env["product.supplierinfo"].browse(
            [line_id for line_ids in by_values.values() for line_id in line_ids]
        )
        changes = []
        for values, line_ids in by_values.items():
            changes += [
                {**_as_stored(lines, values), "last_sync_date": _quoted(now)}
            ] * len(line_ids)
        _write_in_bulk(lines, changes)
        return
    unchanged = env["product.supplierinfo"].browse(by_values.pop((), ()))
    _write_in_bulk(unchanged, [{"last_sync_date": _quoted(now)}] * len(unchanged))
    changed = [line_id for line_ids in by_values.values() for line_id in line_ids]
    for values, line_ids in by_values.items():
        # The shared prefetch lets the first write of the batch fetch what the others
        # need.
        lines = env["product.supplierinfo"].browse(line_ids).with_prefetch(changed)
        lines.write({**dict(values), "last_sync_date": now})


def _as_stored(lines, values):
    """The values as the fields round and convert them on their way to the database."""
    return {
        name: lines._fields[name].convert_to_column(value, lines)
        for name, value in values
    }


def _write_in_bulk(lines, values):
    # The ORM's bulk update below `write`. On a list of a thousand different prices
    # `write` would take most of the time of the whole import, to find out for each line
    # that there is nothing to compute, check or tell.
    if lines:
        # Who and when are the same on every line: quoted once, not once for each.
        stamp = {
            "write_uid": _quoted(lines.env.uid),
            "write_date": _quoted(lines.env.cr.now()),
        }
        lines._write_multi([stamp | changes for changes in values])
        lines.invalidate_recordset(
            [
                "write_date",
                "write_uid",
                *{name for changes in values for name in changes},
            ],
            flush=False,
        )


def _quoted(value):
    return AsIs(adapt(value).getquoted().decode())


def _is_plain(env, names):
    """Whether writing these fields of a price line sets columns and nothing else.

    Not so when another module has its say: overrides `write`, checks one of the fields,
    or stores what it computes from one.
    """
    lines = env["product.supplierinfo"]
    writers = {
        vars(owner)["write"].__module__
        for owner in type(lines).__mro__
        if "write" in vars(owner)
    }
    if not writers <= PLAIN_WRITERS:
        return False
    if any(
        name in names
        for check in lines._constraint_methods
        for name in check._constrains
    ):
        return False
    return not any(
        dependent.store
        for name in names
        for dependent in env.registry.get_dependent_fields(lines._fields[name])
    )
