# An administrator mirrors a model, sees how far it is, and refreshes records from the model's own list.
from conversation import ask

ENGLISH = {"add": "Mirror a Model", "model": "Country", "done": "Up to Date", "sync": "Force Sync"}
DUTCH = {"add": "Een model spiegelen", "model": "Land", "done": "Bijgewerkt", "sync": "Nu synchroniseren"}


def mirror(window, words=ENGLISH):
    page = window.page
    ask("let the server read")
    window.open("action-sluice.sluice_mirror_open", ".o_list_view, .o_view_nocontent")
    page.click(f"button:has-text('{words['add']}')")
    page.fill(".modal div[name=model_id] input", "res.country")
    # Its neighbours' names begin with its own.
    page.locator(f".o-autocomplete--dropdown-item :text-is('{words['model']}')").first.click()
    window.picture("mirror-add")
    page.click(".modal button[name=action_add]")
    page.wait_for_selector(".o_form_view .o_sluice_progress[data-state=succeeded]")
    window.picture("mirror-job")
    window.open("action-sluice.sluice_mirror_open", ".o_data_row")
    page.wait_for_selector(f".o_data_row td[name=state]:has-text('{words['done']}')")
    window.picture("mirror")
    page.locator(".o_data_row td[name=name]").first.click()
    page.wait_for_selector(".o_form_view div[name=row_count]")
    window.picture("mirrored-model")
    return force_sync(window, words)


def force_sync(window, words):
    """Refreshes two chosen records from the model's list; returns how many the job read."""
    page = window.page
    window.open("action-base.action_country", ".o_list_view .o_data_row")
    for row in (0, 1):
        page.locator(".o_data_row .o_list_record_selector input").nth(row).check()
    page.click(".o_cp_action_menus button:has(.fa-cog)")
    page.locator(f".o-dropdown--menu .o_menu_item:has-text('{words['sync']}')").first.click()
    page.wait_for_selector(".o_form_view .o_sluice_progress[data-state=succeeded]")
    rows = page.locator(".o_sluice_rows").first.inner_text()
    window.picture("force-sync")
    return int(rows.split()[0])
