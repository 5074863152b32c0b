# Run by `odoo shell`: Odoo learns Dutch; a purchaser and an administrator who read it may import price lists and mirror models.
env["res.lang"]._activate_lang("nl_NL")
env["ir.module.module"].search([("state", "=", "installed")])._update_translations(["nl_NL"])
dutch = {"lang": "nl_NL", "tz": "Europe/Amsterdam"}
users = env["res.users"].with_context(no_reset_password=True)
users.create({
    "name": "Inkoper",
    "login": "inkoper",
    "password": "inkoper",
    "group_ids": [(6, 0, [env.ref("purchase.group_purchase_user").id, env.ref("sluice.group_user").id])],
    **dutch,
})
env.ref("base.user_admin").copy({"name": "Beheerder", "login": "beheerder", "password": "beheerder", **dutch})
env.cr.commit()
