"""The import of one batch, read from top to bottom: options, lookup (what Odoo holds),
decide (what each row means), write,
bisect.
"""
