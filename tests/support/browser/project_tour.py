# From LOGIKAL's settings to a fetched project: look which projects there are, fetch one, see its elevations appear.
from connecting import connect
from conversation import given, tell
from projects import find, force_sync
from screen import browser, screen


def main():
    told = given()
    with browser() as chromium, screen(chromium, told, "wide") as window:
        connect(window, told)
        projects = find(window, told)
        counts, words = force_sync(window)
    tell({"projects": projects, "counts": counts, "words": words})


main()
