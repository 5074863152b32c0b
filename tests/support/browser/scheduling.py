# A list that is imported each night: the schedule that a purchaser saves says by itself when the server has it.


def schedule(window, told):
    """Saves a schedule and waits, without a reload, until it says that the server keeps it."""
    page = window.page
    window.open("price-list-schedules/new", ".o_form_view")
    page.fill("div[name=partner_id] input", told["other_name"])
    page.locator(f".o-autocomplete--dropdown-item:has-text('{told['other_name']}')").first.click()
    page.fill("div[name=url] input", "https://supplier.example/prices.csv")
    page.click(".o_form_button_save")
    page.wait_for_selector("div[name=kept] .o_arrow_button_current[data-value=kept]")
    page.wait_for_selector("div[name=next_run_at]")
    window.picture("schedule")
    window.open("price-list-schedules", ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)")
    window.picture("schedules")
