# A Dutch purchaser whose browser gets no websocket, as behind a prefork Odoo without a proxy: the bar moves by asking, in Dutch. So does the administrator's.
import http.client
from urllib.parse import urlsplit

import bar
from connecting import connect
from conversation import given, tell
from importing import import_list
from look_around import look_around, look_at_administration
from mirroring import DUTCH, mirror
from screen import NARROW, browser, screen

WORDS = {
    "sending": {"Wordt verstuurd"},
    "queued": {"Wacht op zijn beurt", "Wacht om verder te gaan"},
    "running": {"Bezig"},
    "succeeded": {"Klaar, met fouten"},
}


def check_that_no_websocket_opens(url):
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    connection.request("GET", "/websocket?version=1", headers={
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "c2x1aWNlIHNsdWljZSBzbA==", "Origin": url,
    })
    status = connection.getresponse().status
    connection.close()
    assert status != 101, "this Odoo opens websockets, so the tour would prove nothing"


def administer(chromium, administrator):
    """A Dutch administrator mirrors a model."""
    with screen(chromium, administrator, "dutch-administrator") as window:
        mirror(window, DUTCH)
        look_at_administration(window)
        state = window.page.context.storage_state()
    with screen(chromium, administrator, "dutch-administrator-narrow", NARROW, state) as window:
        look_at_administration(window)


def main():
    told = given()
    purchaser = {**told, "login": told["purchaser"], "password": told["purchaser"]}
    with browser() as chromium:
        with screen(chromium, told, "administrator") as window:
            connect(window, told)
        check_that_no_websocket_opens(told["url"])
        with screen(chromium, purchaser, "dutch") as window:
            page = window.page
            import_list(window, purchaser)
            bar.record(page)
            bar.wait_for_first_hold(page)
            bar.go_to_second_hold(page)
            bar.let_go(page)
            values = bar.recorded(page)
            bar.check_moved(values)
            odd = [value for value in values if value["words"] not in WORDS[value["state"]]]
            assert not odd, f"these are not the Dutch words: {odd}"
            outcomes = page.locator(".o_sluice_outcome").all_inner_texts()
            assert [text.split()[-1] for text in outcomes] == ["nieuw", "fouten"], outcomes
            page.wait_for_selector(".o_notification:has-text('is klaar')")
            window.picture("import-done")
            look_around(window, purchaser)
            state = page.context.storage_state()
        with screen(chromium, purchaser, "dutch-narrow", NARROW, state) as window:
            look_around(window, purchaser)
        administer(chromium, {**told, "login": told["dutch_administrator"], "password": told["dutch_administrator"]})
    tell({"bar": values})


main()
