"""Measures what importing a price list costs without Sluice, on a real Odoo over JSON-2; prints one JSON line per baseline.

    run.py DATABASE.json [--rows N] [--batch N] [--only NAME,..]

DATABASE.json is what odoo.sh writes: url, database, api_key, login. The key's user needs the rights to write products and
price lines. Baselines, in this order:

    prepare               makes the supplier and the products where they are missing (not a baseline, printed for the record)
    load_first            Odoo's own import, `load`, resolved ids, batches, no line exists yet
    load_unchanged        the same list again
    load_changed_5pct     5 % of the prices changed
    load_changed_all      every price changed
    row_loop_first        one search and one create per row, with 500 rows at most
    row_loop_unchanged    one search and one write per row
    create_one_by_one     a product and its price line, one by one, with 200 rows at most, since it takes that long

`load` is given database ids and stable external ids, as a careful user would after looking the products up once: by names it
is several times slower, and without external ids a second run would make every line twice. The time for resolving is not
counted. A line: {"baseline", "rows", "seconds", "rows_per_second"}.
"""

import argparse
import json
import time

from json2 import Json2
from lists import price_list

SUPPLIER = "SLUICE-BASELINE"
LINE_COLUMNS = ["id", "partner_id/.id", "product_tmpl_id/.id", "price", "min_qty", "delay", "product_code", "product_name"]


class Baselines:
    """The baselines on one database, sharing its supplier and products."""

    def __init__(self, odoo, rows, batch):
        self.odoo = odoo
        self.rows = rows
        self.batch = batch
        self.supplier = self._supplier()
        self.templates = {}

    def prepare(self):
        known = self._known_products()
        missing = [row for row in price_list(self.rows) if row["barcode"] not in known]
        for part in self._batches(missing):
            self.odoo.call("product.product", "create", vals_list=[
                {key: row[key] for key in ("name", "barcode", "default_code")} for row in part
            ], context={"tracking_disable": True})
        self.templates = self._known_products()
        self._drop_lines()
        return self.rows

    def load_first(self):
        return self._load(price_list(self.rows))

    def load_unchanged(self):
        return self._load(price_list(self.rows))

    def load_changed_5pct(self):
        return self._load(price_list(self.rows, 0.05, 1.1))

    def load_changed_all(self):
        return self._load(price_list(self.rows, 1.0, 1.2))

    def row_loop_first(self):
        self._drop_lines()
        return self._row_loop(price_list(min(self.rows, 500)))

    def row_loop_unchanged(self):
        return self._row_loop(price_list(min(self.rows, 500)))

    def create_one_by_one(self):
        rows = price_list(min(self.rows, 200))
        for row in rows:
            template, = self.odoo.call("product.template", "create", vals_list=[
                {"name": row["name"], "default_code": f"{SUPPLIER}-{time.monotonic_ns()}"},
            ])
            self.odoo.call("product.supplierinfo", "create", vals_list=[self._line(row, template)])
        return len(rows)

    def _load(self, rows):
        for part in self._batches(rows):
            answer = self.odoo.call("product.supplierinfo", "load", fields=LINE_COLUMNS, data=[
                [
                    f"__import__.sluice_baseline_{row['row']}", str(self.supplier), str(self.templates[row["barcode"]]),
                    str(row["price"]), str(row["min_qty"]), str(row["delay"]), row["product_code"], row["product_name"],
                ]
                for row in part
            ])
            if not answer["ids"]:
                raise RuntimeError(f"load refused the batch: {answer['messages'][:1]}")
        return len(rows)

    def _row_loop(self, rows):
        for row in rows:
            template = self.templates[row["barcode"]]
            found = self.odoo.call("product.supplierinfo", "search", domain=[
                ["partner_id", "=", self.supplier], ["product_tmpl_id", "=", template], ["min_qty", "=", row["min_qty"]],
            ], limit=1)
            if found:
                self.odoo.call("product.supplierinfo", "write", ids=found, vals={"price": row["price"], "delay": row["delay"]})
            else:
                self.odoo.call("product.supplierinfo", "create", vals_list=[self._line(row, template)])
        return len(rows)

    def _line(self, row, template):
        return {
            "partner_id": self.supplier, "product_tmpl_id": template,
            **{key: row[key] for key in ("price", "min_qty", "delay", "product_code", "product_name")},
        }

    def _supplier(self):
        found = self.odoo.call("res.partner", "search", domain=[["ref", "=", SUPPLIER]], limit=1)
        found = found or self.odoo.call("res.partner", "create", vals_list=[{"name": "Baseline supplier", "ref": SUPPLIER}])
        return found[0]

    def _known_products(self):
        products = self.odoo.call(
            "product.product", "search_read", domain=[["barcode", "in", [row["barcode"] for row in price_list(self.rows)]]],
            fields=["barcode", "product_tmpl_id"], load=None,
        )
        return {product["barcode"]: product["product_tmpl_id"] for product in products}

    def _drop_lines(self):
        lines = self.odoo.call("product.supplierinfo", "search", domain=[["partner_id", "=", self.supplier]])
        for part in self._batches(lines):
            self.odoo.call("product.supplierinfo", "unlink", ids=part)

    def _batches(self, rows):
        return (rows[start:start + self.batch] for start in range(0, len(rows), self.batch))


ORDER = (
    "load_first", "load_unchanged", "load_changed_5pct", "load_changed_all",
    "row_loop_first", "row_loop_unchanged", "create_one_by_one",
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="the JSON file that odoo.sh wrote")
    parser.add_argument("--rows", type=int, default=13_445)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--only", help="names of baselines, with commas between")
    options = parser.parse_args()
    with open(options.database, encoding="utf-8") as file:
        database = json.load(file)
    odoo = Json2(database["url"], database["database"], database["admin_api_key"])
    baselines = Baselines(odoo, options.rows, options.batch)
    chosen = options.only.split(",") if options.only else ORDER
    for name in ("prepare", *chosen):
        started = time.monotonic()
        rows = getattr(baselines, name)()
        seconds = time.monotonic() - started
        print(json.dumps({
            "baseline": name, "rows": rows, "seconds": round(seconds, 3), "rows_per_second": round(rows / seconds, 1),
        }), flush=True)


if __name__ == "__main__":
    main()
