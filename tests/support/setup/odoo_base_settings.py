# Run by `odoo shell` on the fresh base database: a company that counts in euros, and the currencies price lists come in.
currencies = env["res.currency"].with_context(active_test=False).search([("name", "in", ["EUR", "USD", "GBP"])])
currencies.active = True
env.ref("base.main_company").currency_id = env.ref("base.EUR")
env.cr.commit()
