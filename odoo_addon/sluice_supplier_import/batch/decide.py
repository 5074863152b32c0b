"""Decides what each row of a batch means, without writing anything: apply_batch carries
it out, preview_batch shows it.
"""

import math
from dataclasses import dataclass, field
from datetime import date

from .lookup import Line, Product

# Row key to the line's field, where the value is taken as it is.
PLAIN_FIELDS = {
    "delay": "delay",
    "product_code": "product_code",
    "product_name": "product_name",
}

# What people call the keys by which products are found.
KEY_WORDS = {
    "barcode": "barcode",
    "default_code": "internal reference",
    "product_code": "supplier's code",
}


@dataclass(slots=True)
class Decision:
    """What a row means. `outcome` is created, updated, unchanged, skipped or errors."""

    row: dict
    outcome: str
    code: str = None
    message: str = None
    product: Product = None
    line: Line = None
    # What to write on the line, or the whole line to create (without its product when
    # that is new too).
    values: dict = field(default_factory=dict)
    # Rows that mean the same missing product share this key.
    new_product: tuple = None
    reactivate: bool = False


class RowError(Exception):
    """A row that cannot be applied: the code and a message in plain words."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Decider:
    """Decides the rows of one batch in their order."""

    def __init__(self, lookup):
        self.lookup = lookup
        self.options = lookup.options
        self.env = lookup.env
        self.taken = {}

    def decide(self, rows):
        return [self._decide(row) for row in rows]

    def _decide(self, row):
        try:
            return self._decision(row)
        except RowError as error:
            return Decision(row, "errors", error.code, str(error))

    def _decision(self, row):
        currency_id = self._currency(row)
        unit_id = self._unit(row)
        product = self._match(row)
        start = _date(row.get("date_start"))
        quantity = round(float(row.get("min_qty") or 0.0), self.lookup.quantity_digits)
        if product is None:
            return self._for_missing_product(row, currency_id, unit_id, quantity, start)
        self._check_company(product)
        unit_id = unit_id or product.uom_id
        line = self.lookup.line(product, currency_id, unit_id, quantity, start)
        self._take(
            row,
            (product.template_id, product.id, currency_id, unit_id, quantity, start),
        )
        reactivate = self.options.reactivate and not product.active
        if line is None:
            values = self._new_line(row, currency_id, unit_id, quantity, start)
            values["product_tmpl_id"] = product.template_id
            values["product_id"] = (
                product.id if self.lookup.is_variant_level(product) else False
            )
            return Decision(
                row, "created", product=product, values=values, reactivate=reactivate
            )
        changes = self._changes(row, line)
        outcome = "updated" if changes or reactivate else "unchanged"
        return Decision(
            row,
            outcome,
            product=product,
            line=line,
            values=changes,
            reactivate=reactivate,
        )

    def _match(self, row):
        """The product a row means, None when there is none; the first key that finds
        any decides.
        """
        for name in self.options.match:
            value = row.get(name)
            if not value:
                continue
            found = self.lookup.products(name, value)
            if len(found) > 1:
                found = self._narrow(found)
            if len(found) > 1:
                raise RowError(
                    "product_ambiguous",
                    self.env._(
                        "%(name)s %(value)s fits several products: %(products)s",
                        name=KEY_WORDS[name],
                        value=value,
                        products=self.lookup.product_names(found),
                    ),
                )
            if found:
                return found[0]
        return None

    def _narrow(self, found):
        """Leaves out products of other companies, and archived ones where an active one
        has the code.
        """
        own = [
            product
            for product in found
            if product.company_id in (None, self.options.company_id)
        ] or found
        return [product for product in own if product.active] or own

    def _check_company(self, product):
        if product.company_id not in (None, self.options.company_id):
            raise RowError(
                "company_mismatch",
                self.env._(
                    "%(product)s belongs to %(company)s, another company than the "
                    "list's",
                    product=self.lookup.product_name(product),
                    company=self.env["res.company"].browse(product.company_id).name,
                ),
            )

    def _for_missing_product(self, row, currency_id, unit_id, quantity, start):
        named = ", ".join(
            f"{KEY_WORDS[name]} {row[name]}"
            for name in self.options.match
            if row.get(name)
        )
        if self.options.unknown == "skip":
            return Decision(row, "skipped", "unknown_product")
        if self.options.unknown == "error" or not named:
            raise RowError(
                "product_not_found",
                self.env._(
                    "no product has %(named)s",
                    named=named
                    or self.env._(
                        "a code: the row names none of %(match)s",
                        match=", ".join(KEY_WORDS[name] for name in self.options.match),
                    ),
                ),
            )
        identity = next(
            (name, row[name]) for name in self.options.match if row.get(name)
        )
        self._take(row, (identity, currency_id, unit_id, quantity, start))
        values = self._new_line(row, currency_id, unit_id, quantity, start)
        return Decision(row, "created", values=values, new_product=identity)

    def _take(self, row, key):
        """Refuses the second row for one price line: which of the two is right cannot
        be known.
        """
        first = self.taken.setdefault(key, row["row"])
        if first != row["row"]:
            raise RowError(
                "duplicate_line",
                self.env._("row %(first)s is for the same price line", first=first),
            )

    def _currency(self, row):
        code = (row.get("currency") or self.options.currency).upper()
        found = self.lookup.currencies.get(code)
        if not found:
            raise RowError(
                "unknown_currency",
                self.env._("currency %(code)s is not active in Odoo", code=code),
            )
        return found

    def _unit(self, row):
        name = row.get("uom")
        if not name:
            return None
        found = self.lookup.units.get(name.strip().casefold())
        if not found:
            raise RowError(
                "unknown_uom",
                self.env._("Odoo has no unit of measure %(name)s", name=name),
            )
        return found

    def _new_line(self, row, currency_id, unit_id, quantity, start):
        if row.get("price") is None:
            raise RowError(
                "rejected_by_odoo", self.env._("a new price line needs a price")
            )
        # Every field with a default or a compute is given, so that Odoo looks nothing
        # up; those that stay empty are left out, since each field of a new line costs.
        values = {
            "partner_id": self.lookup.supplier.id,
            "company_id": self.options.company_id,
            "currency_id": currency_id,
            "product_uom_id": unit_id or False,
            "min_qty": quantity,
            "sequence": 1,
            "price": float(row["price"]),
            "delay": 1 if row.get("delay") is None else row["delay"],
        }
        optional = {
            "discount": row.get("discount"),
            "date_start": start,
            "date_end": _date(row.get("date_end")),
            "product_code": row.get("product_code"),
            "product_name": row.get("product_name"),
            "supplier_stock": row.get("stock"),
        }
        values.update((name, value) for name, value in optional.items() if value)
        return values

    def _changes(self, row, line):
        """What the row changes on the line; a key that the row does not have is left
        alone.
        """
        changes = {}
        price = row.get("price")
        if price is not None and not math.isclose(
            price, line.price or 0.0, rel_tol=1e-9, abs_tol=1e-12
        ):
            changes["price"] = float(price)
            changes["previous_price"] = line.price or 0.0
        discount = row.get("discount")
        if discount is not None and not _same(
            discount, line.discount, self.lookup.discount_digits
        ):
            changes["discount"] = float(discount)
        stock = row.get("stock")
        if stock is not None and stock != (line.supplier_stock or 0.0):
            changes["supplier_stock"] = float(stock)
        for key, name in PLAIN_FIELDS.items():
            value = row.get(key)
            if value is not None and value != getattr(line, name):
                changes[name] = value
        end = row.get("date_end")
        if end is not None and _date(end) != line.date_end:
            changes["date_end"] = _date(end)
        return changes


def _date(text):
    return date.fromisoformat(text) if text else None


def _same(value, stored, digits):
    """Whether Odoo, which rounds the field to `digits`, would store for `value` what is
    there.
    """
    return abs(round(float(value), digits) - (stored or 0.0)) < 0.5 * 10**-digits
