# Two suppliers chosen in the list of contacts, each with a list of its own, imported in one go.


def import_several(window, told):
    """Gives each of two suppliers a list and waits until both imports are over."""
    page = window.page
    window.open("action-account.res_partner_action_supplier?view_type=list", ".o_view_controller")
    page.click(".o_switch_view.o_list")
    for name in (told["supplier_name"], told["other_name"]):
        page.locator(f".o_data_row:has-text('{name}') .o_list_record_selector input").first.check()
    page.click(".o_cp_action_menus button:has(.fa-cog)")
    page.locator(".o-dropdown--menu .o_menu_item:has-text('Import price list')").first.click()
    page.wait_for_selector(".modal .o_data_row >> nth=1")
    for row in (0, 1):
        choose_file(page, row, told["small_list"])
    window.picture("several")
    page.click(".modal button[name=action_import]")
    page.wait_for_selector(".modal", state="detached")
    page.wait_for_selector(".o_data_row >> nth=1")
    page.wait_for_selector(".o_sluice_progress[data-state=succeeded] >> nth=1")
    assert page.locator(".o_data_row").count() == 2, "each list is one import"
    window.picture("several-imported")


def choose_file(page, row, path):
    """Chooses the file of a line."""
    line = page.locator(".modal .o_data_row").nth(row)
    line.locator("input[type=file]").set_input_files(path)
    line.locator("td[name=file]:has-text('small.csv')").wait_for()
