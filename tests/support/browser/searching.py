# Somebody looks for something: in the screen of the search, in the command palette, and by what is like a record.
BOX = ".o_sluice_search_box input"
HIT = ".o_sluice_hit"
NAME = ".o_sluice_hit_name"
DONE = ".o_sluice_search_results[aria-busy=false]"


def open_search(window):
    window.open("sluice-search", ".o_sluice_search")
    window.page.wait_for_selector(DONE)


def find(window, text):
    """Types the text, and returns the names of what is found."""
    page = window.page
    with page.expect_response(lambda response: response.url.endswith("/sluice.search/find") and text in (response.request.post_data or "")):
        page.fill(BOX, text)
    page.wait_for_selector(f"{DONE} {HIT}")
    return names(page)


def names(page):
    return page.locator(NAME).all_inner_texts()


def find_in_palette(window, text):
    """Finds by the command palette, opens the first record, and returns its name."""
    page = window.page
    window.open("sluice-jobs", ".o_view_controller")
    page.keyboard.press("Control+k")
    page.wait_for_selector(".o_command_palette input")
    page.fill(".o_command_palette input", f"!{text}")
    page.wait_for_selector(".o_command .o_sluice_found")
    window.picture("search-palette")
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_form_view div[name=name]")
    return page.locator(".o_breadcrumb .active, .o_last_breadcrumb_item").first.inner_text().strip()


def find_similar(window, name, words="Similar Records"):
    """By the action of a list; returns the names of what is like the record."""
    page = window.page
    window.open("action-base.action_partner_form?view_type=list", ".o_list_view .o_data_row, .o_kanban_record")
    if not page.locator(".o_list_view").count():
        page.click(".o_switch_view.o_list")
    row = page.locator(".o_data_row", has_text=name)
    row.locator(".o_list_record_selector input").check()
    page.click(".o_cp_action_menus button:has(.fa-cog)")
    page.locator(f".o-dropdown--menu .o_menu_item:has-text('{words}')").first.click()
    page.wait_for_selector(f"{DONE} {HIT}")
    window.picture("search-similar")
    return names(page)
