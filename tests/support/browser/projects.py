# LOGIKAL's settings, its projects, and one of them as it is fetched: what somebody in an office presses and sees.
from conversation import ask

ABOVE = ".o_sluice_above_list .o_sluice_progress"
BAR = ".o_form_view .o_sluice_progress"
ROWS = "div[name=elevation_ids] .o_data_row, div[name=elevation_ids] .o_kanban_record:not(.o_kanban_ghost)"


def save_settings(window, told, password):
    """From the list of projects through the menu to where LOGIKAL is, and back to the list."""
    page = window.page
    page.click("button[data-menu-xmlid='sluice.menu_configuration']")
    page.click("[data-menu-xmlid='sluice_logikal.menu_site']")
    page.fill(".modal div[name=url] input", told["logikal"])
    page.fill(".modal div[name=user] input", told["logikal_user"])
    page.fill(".modal div[name=password] input", password)
    window.picture("logikal-settings")
    ask("hold logins")
    page.click(".modal button[name=action_save]")
    page.wait_for_selector(f"{ABOVE}[data-state=running]")


def find(window, told):
    """A wrong password is told, the right one brings the projects; nobody waits for LOGIKAL meanwhile."""
    page = window.page
    window.open("logikal-projects", ".o_view_nocontent")
    open_app(window)
    window.picture("logikal-empty")
    save_settings(window, told, "guess")
    window.picture("logikal-looking")
    ask("let LOGIKAL answer")
    page.wait_for_selector(f"{ABOVE}[data-state=failed]")
    page.wait_for_selector(f"{ABOVE} .o_sluice_message")
    window.picture("logikal-refused")
    save_settings(window, told, told["logikal_password"])
    ask("let LOGIKAL answer")
    page.wait_for_selector(".o_data_row:has-text('DOS22309')")
    page.wait_for_selector(ABOVE, state="detached")
    window.picture("logikal-projects")
    return page.locator(".o_data_row").count()


def open_app(window):
    """The menu of Sluice above the page, from wherever it is."""
    page = window.page
    page.click(".o_navbar_apps_menu button")
    page.locator(".o-dropdown--menu .o_app", has_text="Sluice").first.click()
    page.wait_for_selector("button[data-menu-xmlid='sluice.menu_configuration']")
    window.page.click("[data-menu-xmlid='sluice_logikal.menu_projects']")
    page.wait_for_selector(".o_list_view")


def force_sync(window):
    """Presses Force sync, and sees elevations appear one after another; returns how many there were at each stop."""
    page = window.page
    page.locator(".o_data_row td[name=name]", has_text="DOS22309").first.click()
    page.wait_for_selector(".o_form_view button[name=action_sync]")
    window.picture("project-before")
    ask("hold parts lists after 3")
    page.click("button[name=action_sync]")
    page.wait_for_selector(f"{BAR}[data-state=running]")
    counts = [wait_for_rows(window, 3)]
    window.picture("project-fetching")
    ask("hold parts lists after 8")
    counts.append(wait_for_rows(window, 8))
    words = page.locator(f"{BAR} .o_sluice_message").inner_text()
    check_pictures(window)
    ask("let LOGIKAL answer")
    page.wait_for_selector(f"{BAR}[data-state=succeeded]")
    counts.append(wait_for_rows(window, 17))
    window.picture("project-fetched")
    return counts, words


def wait_for_rows(window, wanted):
    """Waits until so many elevations are on the page, by themselves."""
    window.page.wait_for_function("([rows, wanted]) => document.querySelectorAll(rows).length >= wanted", arg=[ROWS, wanted])
    return window.page.locator(ROWS).count()


def check_pictures(window):
    """Each elevation on the page shows its picture."""
    window.page.wait_for_function(
        "(rows) => [...document.querySelectorAll(rows)].every((row) => [...row.querySelectorAll('img')].some((image) => image.naturalWidth > 1))",
        arg=ROWS,
    )


def look_at_project(window):
    """The project, an elevation with its glass and parts, and the elevations as cards."""
    page = window.page
    window.open("logikal-projects", ".o_data_row, .o_kanban_record")
    window.picture("all-projects")
    page.locator(".o_data_row td[name=name], .o_kanban_record", has_text="DOS22309").first.click()
    page.wait_for_selector(BAR)
    window.picture("project")
    button = page.locator("button[name=action_open_elevations] >> visible=true")
    if not button.count():
        # A narrow page has it behind the others.
        page.locator(".o-form-buttonbox .o_button_more >> visible=true").click()
    button.first.click()
    page.wait_for_selector(".o_list_view .o_group_header, .o_kanban_group, .o_kanban_record")
    window.picture("elevations-by-phase")
    if page.viewport_size["width"] > 800:
        page.locator(".o_group_header").first.click()
        page.wait_for_selector(".o_data_row")
        window.picture("elevations")
        page.locator(".o_data_row td[name=name]", has_text="P1").first.click()
    else:
        page.locator(".o_kanban_record:not(.o_kanban_ghost)").first.click()
    page.wait_for_selector(".o_form_view div[name=glass_ids]")
    window.picture("elevation-glass")
    page.click(".o_notebook_headers a[name=parts]")
    page.wait_for_selector("div[name=part_ids] .o_data_row, div[name=part_ids] .o_kanban_record")
    window.picture("elevation-parts")
