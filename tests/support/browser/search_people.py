# Run by `odoo shell`: two companies with a searching person each, one of them Dutch, and what they may find.
env["res.lang"]._activate_lang("nl_NL")
env["ir.module.module"].search([("state", "=", "installed")])._update_translations(["nl_NL"])
here = env.company
elsewhere = env["res.company"].create({"name": "Elders B.V."})
users = env["res.users"].with_context(no_reset_password=True)
groups = [env.ref("base.group_user").id, env.ref("base.group_partner_manager").id, env.ref("sluice.group_user").id]
for login, name, company, lang in (
    ("verkoper", "Verkoper", here, "en_US"),
    ("collega", "Collega", elsewhere, "nl_NL"),
):
    users.create({
        "name": name, "login": login, "password": login, "company_id": company.id, "company_ids": [(6, 0, company.ids)],
        "group_ids": [(6, 0, groups)], "lang": lang, "tz": "Europe/Brussels",
    })
tags = {name: env["res.partner.category"].create({"name": name}).id for name in ("Glass supplier", "Late deliveries", "Installer", "Steel")}
for name, company, city, tag_names, comment in (
    ("Glasgroothandel Gent", None, "Gent", ("Glass supplier", "Late deliveries"), "<p>Supplier of toughened and insulating glass. Trouble with broken panes in March; the credit note is still open.</p>"),
    ("Glass supplier Antwerp", here, "Antwerpen", ("Glass supplier",), "<p>Delivers laminated glass each Tuesday, before ten.</p>"),
    ("Glass supplier Liege", elsewhere, "Liège", ("Glass supplier",), "<p>Special sizes and bent glass, three weeks.</p>"),
    ("Janssens Ramen en Deuren", None, "Mechelen", ("Installer",), "<p>Fits windows and sliding doors, works with our own frames only.</p>"),
    ("Staalhandel De Smet", None, "Aalst", ("Steel",), "<p>Steel profiles and brackets, cut to size.</p>"),
    ("Notary Peeters", None, "Brugge", (), "<p>Contracts.</p>"),
):
    env["res.partner"].create({
        "name": name, "company_id": company and company.id, "city": city, "is_company": True,
        "category_id": [(6, 0, [tags[tag] for tag in tag_names])], "comment": comment,
    })
env["product.template"].create([
    {"name": name, "description_sale": text}
    for name, text in (
        ("Insulating glass 4-16-4", "Double glass with argon and a warm edge; clear, made to measure."),
        ("Laminated glass 33.2", "Safety glass for doors and low windows."),
        ("Window frame 120 x 140", "Frame of aluminium, painted, without glass."),
    )
])
env.cr.commit()
