# The steps of the upload wizard, as a purchaser clicks through them.
from contextlib import contextmanager

# Where pieces of a list go; the first one of a list has no number yet.
PIECES = "**/sluice_supplier_import/file*"
LATER_PIECES = "**/sluice_supplier_import/file/*"

DROP = """
async ([selector, name, content]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type: "text/csv" }));
    const tell = (target, type) => target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
    const area = document.querySelector(selector);
    tell(area, "dragenter");
    const zone = await new Promise((found) => {
        const look = () => (document.querySelector(".o-Dropzone") ? found(document.querySelector(".o-Dropzone")) : requestAnimationFrame(look));
        look();
    });
    tell(zone, "dragenter");
    tell(zone, "drop");
}
"""


def open_from_supplier(window):
    """Presses "Import price list" on the supplier's page; a narrow window keeps such buttons in a menu."""
    button = window.page.locator("button[name=action_import_price_list] >> visible=true").first
    more = window.page.locator(".o-form-buttonbox .o_button_more >> visible=true")
    button.or_(more).first.wait_for()
    if not button.is_visible():
        more.click()
    button.click()


def drop_list_in_pieces(window, name, content_base64):
    """Drops a list that goes up in many pieces, looks at it under way, and loses a piece; presses Next before it is there."""
    page = window.page
    page.evaluate("() => (odoo.loader.modules.get('@sluice_supplier_import/list_file/list_upload').PIECES.largest = 20_000)")
    sent = []
    page.on("request", lambda request: "/sluice_supplier_import/file" in request.url and sent.append(request.url))
    with held(page, LATER_PIECES) as pieces:
        drop_list(window, name, content_base64)
        page.wait_for_selector(".o_sluice_list_file [role=progressbar]:not([aria-valuenow='0'])")
        window.picture("wizard-uploading")
        page.click("button[name=action_read]")
        page.wait_for_selector("button[name=action_read]:disabled")
        pieces[0].abort()
        page.locator(".o_sluice_columns .o_data_row, .o_sluice_columns .o_kanban_record").first.wait_for()
    assert len(sent) > 3 and len(sent) - len(set(sent)) == 1, f"one piece is sent twice: {sent}"
    page.click("button[name=action_back]")
    page.wait_for_selector(f".o_sluice_list_file strong:has-text('{name}')")


def drop_list_that_is_refused_at_first(window, name, content_base64):
    """Drops a list that Odoo does not take, tries again, and looks at both."""
    page = window.page
    page.wait_for_selector(".o_sluice_list_file")
    page.route(PIECES, lambda request: request.fulfill(status=500))
    page.evaluate(DROP, [".o_sluice_list_file", name, content_base64])
    page.wait_for_selector(".o_sluice_list_file [role=alert]")
    window.picture("list-refused")
    page.unroute(PIECES)
    with held(page, PIECES) as pieces:
        with page.expect_request(PIECES):
            page.click(".o_sluice_list_file .btn-secondary")
        page.wait_for_selector(".o_sluice_list_file [role=progressbar]")
        window.picture("list-under-way")
        pieces[0].continue_()
        page.wait_for_selector(f".o_sluice_list_file strong:has-text('{name}') + button")


@contextmanager
def held(page, address):
    """Holds the first request to an address; it is in the list that this gives, to be let go or lost before the end."""
    requests = []

    def hold(request):
        if requests:
            request.continue_()
        else:
            requests.append(request)

    page.route(address, hold)
    yield requests
    page.unroute(address)


def drop_list(window, name, content_base64):
    """Drops the list on the wizard and waits until its name shows."""
    window.page.wait_for_selector(".o_sluice_list_file")
    window.page.evaluate(DROP, [".o_sluice_list_file", name, content_base64])
    window.page.wait_for_selector(f".o_sluice_list_file strong:has-text('{name}')")


def read_list(window):
    """To the columns of the list, rows of a table or cards; returns the meaning that was suggested for each row."""
    window.page.click("button[name=action_read]")
    window.page.locator(".o_sluice_columns .o_data_row, .o_sluice_columns .o_kanban_record").first.wait_for()
    return window.page.eval_on_selector_all(
        ".o_sluice_columns .o_data_row",
        "(rows) => rows.map((row) => ['column', 'list_field'].map((name) => row.querySelector(`[name=${name}]`)?.textContent.trim()))",
    )


def open_choices(window):
    window.page.click(".o_notebook a[name=choices]")
    window.page.wait_for_selector("div[name=match_order] >> visible=true")


def preview(window):
    """To the preview; returns the counts of its tiles."""
    window.page.click("button[name=action_preview]")
    window.page.wait_for_selector(".o_sluice_preview_tiles >> visible=true")
    return window.page.eval_on_selector_all(
        ".o_sluice_preview_tiles button .fs-3", "(tiles) => tiles.map((tile) => tile.textContent.replace(/\\D/g, '')).filter(Boolean).map(Number)"
    )


def start_import(window):
    """Presses Import and waits for the import's own page."""
    window.page.click("button[name=action_import] >> visible=true")
    window.page.wait_for_selector(".o_form_view .o_sluice_progress")
