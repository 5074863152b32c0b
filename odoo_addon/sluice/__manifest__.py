# What Odoo needs to know about the addon that every other Sluice addon builds on.
{
    "name": "Sluice",
    "summary": (
        "Jobs of the Sluice sync service on the screen, live; and what its other "
        "addons build on"
    ),
    "version": "19.0.1.0.0",
    "category": "Technical",
    "author": "Sluice contributors",
    "license": "LGPL-3",
    "depends": ["base_setup", "bus", "web"],
    # wire/ speaks gRPC; the last one holds the details of its errors.
    "external_dependencies": {
        "python": ["grpcio", "protobuf", "googleapis-common-protos"]
    },
    "data": [
        "security/sluice_groups.xml",
        "security/ir.model.access.csv",
        "security/sluice_rules.xml",
        "data/sluice_cron.xml",
        "views/sluice_job_views.xml",
        "wizards/sluice_mirror_views.xml",
        "views/sluice_mirror_views.xml",
        "views/sluice_search_views.xml",
        "views/res_config_settings_views.xml",
        "views/sluice_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["sluice/static/src/**/*"],
        "web.assets_unit_tests": ["sluice/static/tests/**/*"],
    },
}
