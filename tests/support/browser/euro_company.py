# Run by `odoo shell`: the company reckons in euros, as LOGIKAL does, so that a quotation can take a project's prices.
euro = env.ref("base.EUR")
euro.active = True
env.company.currency_id = euro
env["product.pricelist"].with_context(active_test=False).search([]).currency_id = euro
env.cr.commit()
