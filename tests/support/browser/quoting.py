# A quotation from a project: phases become sections, elevations lines; a confirmed order asks before it is changed.

# A section's name stands in a field of its row.
TEXTS = """
(rows) => rows.map((row) => [...row.querySelectorAll("input, textarea")].map((field) => field.value).concat(row.innerText).join(" "))
"""


def quote(window, customer):
    """Returns the sections and the number of lines of the quotation."""
    page = window.page
    page.click("button[name=action_new_order]")
    page.wait_for_selector("div[name=partner_id] input")
    page.fill("div[name=partner_id] input", customer)
    page.locator(".o-autocomplete--dropdown-item", has_text=customer).first.click()
    page.click("button[name=action_take_logikal] >> visible=true")
    page.wait_for_selector("div[name=order_line] .o_data_row:has-text('P17')")
    window.picture("quotation")
    sections = page.eval_on_selector_all("div[name=order_line] .o_is_line_section", TEXTS)
    lines = page.locator("div[name=order_line] .o_data_row:not(.o_is_line_section)").count()
    return sections, lines


def confirm(window):
    """Confirms the order; its lines change only after a question."""
    page = window.page
    page.locator("button[name=action_confirm] >> visible=true").first.click()
    button = "button[name=action_take_logikal_confirmed] >> visible=true"
    page.click(button)
    page.wait_for_selector(".modal .btn-primary")
    window.picture("confirmed-order-asks")
    page.locator(".modal .btn-primary").first.click()
    page.wait_for_selector(".modal", state="detached")
