"""The price list that the baselines import: seeded, clean rows, one line per product."""

import random


def price_list(rows, changed=0.0, factor=1.0):
    """Rows of product codes and prices; `changed` of them (a fraction) have their price multiplied by `factor`."""
    chosen = random.Random(7)
    listed = []
    for number in range(rows):
        price = round(1 + number * 37 % 10_000 / 100, 2)
        if chosen.random() < changed:
            price = round(price * factor, 4)
        listed.append({
            "row": number + 1,
            "barcode": f"{8_710_000_000_000 + number}",
            "default_code": f"SKU{number:06d}",
            "product_code": f"S-{number}",
            "product_name": f"Artikel {number}",
            "name": f"Product {number}",
            "price": price,
            "delay": 3,
            "min_qty": 1.0,
        })
    return listed
