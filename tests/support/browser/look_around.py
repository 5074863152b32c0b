# Pictures of every screen of ours, as one user sees them in one size of window.
import base64
from pathlib import Path

import wizard


def look_around(window, told):
    page = window.page
    window.open("price-list-imports", ".o_view_controller .o_sluice_progress, .o_kanban_record")
    window.picture("history")
    page.locator(".o_data_row td[name=file_name], .o_kanban_record").first.click()
    page.wait_for_selector(".o_form_view .o_sluice_progress")
    window.picture("import")
    window.open("price-list-failed-rows", ".o_data_row, .o_kanban_record")
    window.picture("all-failed-rows")
    page.locator(".o_data_row td[name=explanation], .o_kanban_record").first.click()
    page.wait_for_selector(".o_form_view div[name=row_text]")
    window.picture("failed-row")
    window.open("price-list-schedules", ".o_data_row, .o_kanban_record, .o_view_nocontent")
    window.picture("all-schedules")
    window.open("sluice-jobs", ".o_view_controller .o_sluice_progress, .o_kanban_record")
    window.picture("jobs")
    window.open("action-sluice_supplier_import.product_supplierinfo_action", ".o_data_row, .o_kanban_record")
    window.picture("price-lines")
    window.open(f"res.partner/{told['supplier']}", ".o_form_view")
    window.picture("supplier-afterwards")
    if told["login"] == "admin":
        look_at_administration(window)
    if page.viewport_size["width"] > 800:
        # A telephone opens the cards, whatever view the address names.
        statistics(window)
    steps_of_the_wizard(window, told)


def look_at_administration(window):
    window.open("action-sluice.res_config_settings_action", "#sluice_connect")
    window.picture("settings-afterwards")
    window.open("action-sluice.sluice_mirror_open", ".o_data_row, .o_kanban_record, .o_view_nocontent")
    window.picture("mirror-afterwards")


def statistics(window):
    page = window.page
    for view in ("graph", "pivot"):
        window.open(f"price-list-imports?view_type={view}", f".o_{view}_view")
        page.wait_for_selector(f".o_{view}_view canvas, .o_{view}_view table")
        window.picture(view)


def steps_of_the_wizard(window, told):
    """The wizard for the next list of the same supplier, up to its preview."""
    page = window.page
    window.open(f"res.partner/{told['supplier']}", ".o_form_view")
    wizard.open_from_supplier(window)
    wizard.drop_list_that_is_refused_at_first(window, told["file_name"], base64.b64encode(Path(told["list"]).read_bytes()).decode())
    window.picture("next-list")
    wizard.read_list(window)
    window.picture("next-columns")
    wizard.open_choices(window)
    window.picture("next-choices")
    wizard.preview(window)
    window.picture("next-preview")
