# Run by `odoo shell` on a database with our addons: makes the service user and writes its API key to $SLUICE_SERVICE_FILE.
import json
import os

user = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Sluice",
    "login": "sluice",
    "group_ids": [(6, 0, [env.ref("sluice.group_service").id])],
})
# Without an end date a key needs superuser rights; a database for tests lives shorter than any end date anyway.
api_key = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "sluice", None)
env.cr.commit()
with open(os.environ["SLUICE_SERVICE_FILE"], "w", encoding="utf-8") as file:
    json.dump({"api_key": api_key, "user": user.login}, file)
