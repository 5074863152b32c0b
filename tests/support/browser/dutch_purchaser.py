# Run by `odoo shell`: Odoo learns Dutch, and a purchaser who reads it may import price lists.
env["res.lang"]._activate_lang("nl_NL")
env["ir.module.module"].search([("state", "=", "installed")])._update_translations(["nl_NL"])
env["res.users"].with_context(no_reset_password=True).create({
    "name": "Inkoper",
    "login": "inkoper",
    "password": "inkoper",
    "lang": "nl_NL",
    "tz": "Europe/Amsterdam",
    "group_ids": [(6, 0, [env.ref("purchase.group_purchase_user").id, env.ref("sluice.group_user").id])],
})
env.cr.commit()
