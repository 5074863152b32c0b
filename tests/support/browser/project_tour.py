# From LOGIKAL's settings to a quotation: look which projects there are, fetch one, see its elevations appear, put them on an order.
from connecting import connect
from conversation import given, tell
from projects import find, force_sync, look_at_project
from quoting import confirm, quote
from screen import NARROW, browser, screen


def main():
    told = given()
    with browser() as chromium:
        with screen(chromium, told, "wide") as window:
            connect(window, told)
            projects = find(window, told)
            counts, words = force_sync(window)
            sections, lines = quote(window, told["customer"])
            confirm(window)
            look_at_project(window)
            state = window.page.context.storage_state()
        with screen(chromium, told, "narrow", NARROW, state) as window:
            look_at_project(window)
        dutch = {**told, "login": told["dutch_administrator"], "password": told["dutch_administrator"]}
        with screen(chromium, dutch, "dutch-administrator") as window:
            look_at_project(window)
            state = window.page.context.storage_state()
        with screen(chromium, dutch, "dutch-administrator-narrow", NARROW, state) as window:
            look_at_project(window)
    tell({"projects": projects, "counts": counts, "words": words, "sections": sections, "lines": lines})


main()
