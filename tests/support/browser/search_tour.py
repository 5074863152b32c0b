# From "nothing is searchable yet" to two people of two companies who look for the same and find each his own.
from connecting import connect
from conversation import ask, given, tell
from screen import NARROW, browser, screen
from searching import BOX, find, find_in_palette, find_similar, open_search

QUESTION = "the glass supplier in Gent we had trouble with"


def make_searchable(window, model):
    """A manager makes a mirrored model searchable."""
    page = window.page
    window.open("action-sluice.sluice_mirror_open", ".o_data_row")
    page.locator(".o_data_row", has_text=model).locator("td[name=name]").click()
    # The page loads itself anew afterwards.
    with page.expect_navigation():
        page.click("button[name=action_make_searchable]")
    page.wait_for_selector("button[name=action_make_unsearchable]")


def administer(window, told):
    page = window.page
    connect(window, told)
    open_search(window)
    page.wait_for_selector(".o_sluice_search_nothing:has-text('Nothing is searchable yet')")
    window.picture("search-nothing-yet")
    ask("mirror and set the embedder")
    for model in ("res.partner", "product.template"):
        make_searchable(window, model)
    ask("wait until all is embedded")
    window.open("action-sluice.sluice_mirror_open", ".o_data_row")
    window.picture("searchable-models")
    page.locator(".o_data_row", has_text="res.partner").locator("td[name=name]").click()
    page.wait_for_selector(".o_form_view div[name=found_count]")
    window.picture("searchable-model")


def sell(window):
    """Everything that one person does who searches."""
    page = window.page
    open_search(window)
    window.picture("search-empty")
    found = find(window, QUESTION)
    window.picture("search-found")
    opened = find_in_palette(window, "glass supplier antw")
    similar = find_similar(window, "Glass supplier Antwerp")
    open_search(window)
    ask("send the embedder away")
    by_words = find(window, "laminated tuesday")
    window.picture("search-by-words")
    ask("call the embedder back")
    page.fill(BOX, "")
    return found, opened, similar, by_words


def main():
    told = given()
    with browser() as chromium:
        with screen(chromium, told, "search-administrator") as window:
            administer(window, told)
        seller = {**told, "login": "verkoper", "password": "verkoper"}
        with screen(chromium, seller, "search-wide") as window:
            found, opened, similar, by_words = sell(window)
            state = window.page.context.storage_state()
        with screen(chromium, seller, "search-narrow", NARROW, state) as window:
            open_search(window)
            find(window, QUESTION)
            window.picture("search-found")
        colleague = {**told, "login": "collega", "password": "collega"}
        with screen(chromium, colleague, "search-dutch") as window:
            open_search(window)
            window.picture("search-empty")
            of_colleague = find(window, QUESTION)
            window.picture("search-found")
            state = window.page.context.storage_state()
        with screen(chromium, colleague, "search-dutch-narrow", NARROW, state) as window:
            open_search(window)
            window.picture("search-empty")
            find(window, QUESTION)
            window.picture("search-found")
    tell({"seller": found, "colleague": of_colleague, "opened": opened, "similar": similar, "by_words": by_words})


main()
