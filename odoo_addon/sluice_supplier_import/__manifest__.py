# What Odoo needs to know about the addon that applies supplier price lists.
{
    "name": "Sluice Supplier Import",
    "summary": "Applies supplier price lists from Sluice, set based, each row exactly once",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "author": "Sluice contributors",
    "license": "LGPL-3",
    "depends": ["sluice", "product"],
    "data": ["views/product_supplierinfo_views.xml"],
    "installable": True,
}
