# An administrator connects the database with the server, by the code that `sluice pair` prints.


def connect(window, told):
    page = window.page
    window.open("action-sluice.res_config_settings_action", "#sluice_connect")
    page.fill("div[name=sluice_address] input", told["server"])
    page.fill("div[name=sluice_code] input", told["code"])
    page.fill("div[name=sluice_odoo_url] input", told["url"])
    page.click("button[name=action_sluice_connect] >> visible=true")
    page.wait_for_selector(".o_notification:has-text('Connected')")
    page.wait_for_selector("#sluice_connect .text-success >> visible=true")
    window.picture("settings")
