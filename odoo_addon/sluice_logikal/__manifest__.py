# What Odoo needs to know about the addon that keeps LOGIKAL projects.
{
    "name": "Sluice LOGIKAL",
    "summary": (
        "Projects of LOGIKAL with phases, elevations, pictures, glass and parts, "
        "fetched at the press of a button, and put on quotations"
    ),
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Sluice contributors",
    "license": "LGPL-3",
    "depends": ["sluice", "sale"],
    "data": [
        "security/ir.model.access.csv",
        "security/logikal_rules.xml",
        "data/product_product.xml",
        "wizards/sluice_logikal_site_views.xml",
        "views/sluice_logikal_elevation_views.xml",
        "views/sluice_logikal_project_views.xml",
        "views/sale_order_views.xml",
        "views/menus.xml",
    ],
}
