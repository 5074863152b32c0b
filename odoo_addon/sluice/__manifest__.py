# What Odoo needs to know about the addon that every other Sluice addon builds on.
{
    "name": "Sluice",
    "summary": "Fence, ledger and access rights for the Sluice sync service",
    "version": "19.0.1.0.0",
    "category": "Technical",
    "author": "Sluice contributors",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": [
        "security/sluice_groups.xml",
        "security/ir.model.access.csv",
        "security/sluice_rules.xml",
    ],
    "installable": True,
}
