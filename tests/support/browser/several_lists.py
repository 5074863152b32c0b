# Two suppliers chosen in the list of contacts, each with a list of its own, imported in one go.
from wizard import PIECES, held


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
    with held(page, PIECES) as pieces:
        choose_file(page, 0, told["small_list"])
        page.wait_for_selector(".modal [role=progressbar]")
        window.picture("several-uploading")
        # One that is on its way holds up nothing of the other.
        choose_file(page, 1, told["small_list"])
        arrived(page, 1)
        pieces[0].continue_()
        arrived(page, 0)
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


def arrived(page, row):
    """Waits until Odoo has the file of a line."""
    page.locator(".modal .o_data_row").nth(row).locator("td[name=file_id]:has-text('small.csv'):has-text('Another')").wait_for()
