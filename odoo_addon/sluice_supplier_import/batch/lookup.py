"""What Odoo holds about the rows of a batch, read with a handful of queries.

Reads go through the ORM's search into bare tuples: a batch needs about ten values of a
thousand lines, and making records of them would cost more than everything else. Nothing
here writes.
"""

from collections import defaultdict
from typing import NamedTuple


class Product(NamedTuple):
    """A product that a row may mean; `id` is False for a line on a whole template with
    several variants.
    """

    id: int
    template_id: int
    active: bool
    company_id: int
    uom_id: int


class Line(NamedTuple):
    """A price line of the supplier as it stands in Odoo."""

    id: int
    product_tmpl_id: int
    product_id: int
    company_id: int
    currency_id: int
    product_uom_id: int
    min_qty: float
    date_start: object
    date_end: object
    price: float
    discount: float
    delay: int
    product_code: str
    product_name: str
    supplier_stock: float


class Lookup:
    """Products, price lines, currencies and units that the rows of one batch name."""

    def __init__(self, env, supplier, options, rows):
        self.env = env
        self.supplier = supplier
        self.options = options
        self.currencies = dict(
            _select(env["res.currency"], [("active", "=", True)], ("name", "id"))
        )
        self.units = self._units() if any(row.get("uom") for row in rows) else {}
        self.quantity_digits = env["decimal.precision"].precision_get("Product Unit")
        self.discount_digits = env["decimal.precision"].precision_get("Discount")
        self._products = {}
        self._by_key = {}
        for name in options.match:
            found = self._by_key[name] = self._products_by(name, rows)
            # The first key that finds a product decides.
            rows = [row for row in rows if row.get(name) not in found]
        self._variant_level = self._variant_level_templates()
        self._lines = self._existing_lines()

    def products(self, name, value):
        """Products whose `name` (barcode, default_code, product_code) is `value`."""
        return self._by_key[name].get(value, ())

    def is_variant_level(self, product):
        """Whether a new line for this product has to name the variant, since its
        template has others.
        """
        return bool(product.id) and (product.template_id in self._variant_level)

    def line(self, product, *key):
        """The supplier's line for a product and (currency, unit, quantity, start date),
        or None.
        """
        found = self._lines.get((product.template_id, product.id or None, *key))
        if found is None and not self.is_variant_level(product):
            found = self._lines.get((product.template_id, None, *key))
        return found

    def product_names(self, products):
        """Names with code for a message, in a stable order."""
        records = self.env["product.product"].browse(
            [product.id for product in products if product.id]
        )
        # The first name fetches those of all products that some code of the batch
        # leaves open.
        records = records.with_prefetch(self._products_in_doubt())
        return ", ".join(
            f"{record.display_name} (id {record.id})" for record in records.sorted("id")
        )

    def _products_in_doubt(self):
        return [
            product.id
            for index in self._by_key.values()
            for matches in index.values()
            if len(matches) > 1
            for product in matches
            if product.id
        ]

    def product_name(self, product):
        return (
            self.env["product.product"].browse(product.id).display_name
            if product.id
            else (self.env["product.template"].browse(product.template_id).display_name)
        )

    def _products_by(self, name, rows):
        """Products by the values of one key that stand in the rows."""
        values = {value for row in rows if (value := row.get(name))}
        if not values:
            return {}
        if name == "product_code":
            pairs = self._codes_of_lines(values)
        else:
            pairs = self._read_products([(name, "in", list(values))], name)
        found = defaultdict(dict)
        for value, product in pairs:
            found[value][product.id or -product.template_id] = product
        return {value: tuple(products.values()) for value, products in found.items()}

    def _read_products(self, domain, name="id"):
        names = ("id", "product_tmpl_id", "active", "company_id", "uom_id", name)
        for *values, key in _select(self.env["product.product"], domain, names):
            product = Product(*values)
            self._products[product.id] = product
            yield key, product

    def _codes_of_lines(self, codes):
        lines = list(
            _select(
                self.env["product.supplierinfo"],
                [
                    ("partner_id", "=", self.supplier.id),
                    ("product_code", "in", list(codes)),
                ],
                ("product_code", "product_id", "product_tmpl_id"),
            )
        )
        variants = defaultdict(list)
        template_ids = [template_id for _, _, template_id in lines]
        for _, product in list(
            self._read_products([("product_tmpl_id", "in", template_ids)])
        ):
            variants[product.template_id].append(product)
        for code, product_id, template_id in lines:
            if product_id:
                yield code, self._products[product_id]
            elif len(variants[template_id]) == 1:
                yield code, variants[template_id][0]
            else:
                template = self.env["product.template"].browse(template_id)
                yield (
                    code,
                    Product(
                        False,
                        template_id,
                        template.active,
                        template.company_id.id or None,
                        template.uom_id.id,
                    ),
                )

    def _variant_level_templates(self):
        """Templates of the found products on which a line without a variant would also
        mean another variant.
        """
        template_ids = list(
            {product.template_id for product in self._products.values()}
        )
        if not template_ids:
            return set()
        active = self.env["product.product"].with_context(active_test=True)
        several = {
            template.id
            for (template,) in active._read_group(
                [("product_tmpl_id", "in", template_ids)],
                ["product_tmpl_id"],
                having=[("__count", ">", 1)],
            )
        }
        archived = [
            product.template_id
            for product in self._products.values()
            if not product.active
        ]
        if archived:
            several.update(
                template.id
                for (template,) in active._read_group(
                    [("product_tmpl_id", "in", archived)], ["product_tmpl_id"]
                )
            )
        return several

    def _existing_lines(self):
        found = {}
        products = [
            product
            for index in self._by_key.values()
            for matches in index.values()
            for product in matches
        ]
        if not products:
            return found
        model = self.env["product.supplierinfo"]
        domain = [
            ("partner_id", "=", self.supplier.id),
            (
                "product_tmpl_id",
                "in",
                list({product.template_id for product in products}),
            ),
            ("company_id", "in", list(self.options.line_companies)),
        ]
        if "purchase_requisition_line_id" in model._fields:
            # Lines of a blanket order mirror an agreement, not a price list.
            domain.append(("purchase_requisition_line_id", "=", False))
        lines = [Line(*values) for values in _select(model, domain, Line._fields)]
        # Several lines may share a key in Odoo: the company's own comes before a shared
        # one, then the oldest.
        lines.sort(key=lambda line: (line.company_id is None, line.id))
        for line in lines:
            key = (
                line.product_tmpl_id,
                line.product_id,
                line.currency_id,
                line.product_uom_id,
                round(line.min_qty, self.quantity_digits),
                line.date_start,
            )
            found.setdefault(key, line)
        return found

    def _units(self):
        units = {}
        for code, _name in self.env["res.lang"].get_installed():
            for unit in self.env["uom.uom"].with_context(lang=code).search([]):
                units.setdefault(unit.name.strip().casefold(), unit.id)
        return units


def _select(model, domain, names):
    """The values of the named fields of all records of a domain, archived ones too, as
    tuples; empty is None.
    """
    model.flush_model()
    query = model.with_context(active_test=False)._search(domain)
    columns = [model._field_to_sql(query.table, name, query) for name in names]
    return model.env.execute_query(query.select(*columns))
