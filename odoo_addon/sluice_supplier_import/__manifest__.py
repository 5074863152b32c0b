# What Odoo needs to know about the addon that imports supplier price lists.
{
    "name": "Sluice Supplier Import",
    "summary": (
        "Supplier price lists of any size: upload, preview, live progress, each row "
        "exactly once"
    ),
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "author": "Sluice contributors",
    "license": "LGPL-3",
    "depends": ["sluice", "purchase"],
    "data": [
        "security/ir.model.access.csv",
        "security/supplier_import_rules.xml",
        "data/ir_cron.xml",
        "wizards/supplier_import_upload_views.xml",
        "wizards/supplier_import_several_views.xml",
        "views/supplier_import_error_views.xml",
        "views/supplier_import_views.xml",
        "views/supplier_import_schedule_views.xml",
        "views/product_supplierinfo_views.xml",
        "views/res_partner_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["sluice_supplier_import/static/src/**/*"],
        "web.assets_unit_tests": ["sluice_supplier_import/static/tests/**/*"],
    },
}
