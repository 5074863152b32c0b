# Run by `odoo shell` on a database with our addons: makes the service user and writes API keys, the service user's and the
# administrator's (for baselines and checks), to $SLUICE_SERVICE_FILE.
import json
import os

user = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Sluice",
    "login": "sluice",
    "group_ids": [(6, 0, [env.ref("sluice.group_service").id])],
})


def make_key(owner):
    # Without an end date a key needs superuser rights; a database for tests lives shorter than any end date anyway.
    return env["res.users.apikeys"].with_user(owner).sudo()._generate("rpc", "sluice", None)


keys = {"api_key": make_key(user), "admin_api_key": make_key(env.ref("base.user_admin"))}
env.cr.commit()
with open(os.environ["SLUICE_SERVICE_FILE"], "w", encoding="utf-8") as file:
    json.dump({**keys, "user": user.login}, file)
