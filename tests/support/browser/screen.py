# One window of a real browser on an Odoo: signs in, opens places, takes pictures, and keeps what the browser complains of.
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

# Milliseconds. The first page of a fresh database builds its scripts and styles, on a machine that does other things too.
PATIENCE = 120_000
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 420, "height": 860}
# Odoo's own pages say these, whatever our addons do; an Odoo that is restarted says the last ones.
HARMLESS = ("Failed to load resource", "net::ERR_", "WebSocket", "websocket", "ConnectionLostError", "Connection lost", "XMLHttpRequest")


class Screen:
    def __init__(self, page, base, pictures, name):
        self.page = page
        self.base = base
        self.pictures = Path(pictures)
        self.name = name
        self.complaints = []
        page.on("pageerror", lambda error: self._complain(f"{error.message}\n{error.stack}"))
        page.on("console", lambda message: message.type == "error" and self._complain(message.text))

    def _complain(self, text):
        if not any(word in text for word in HARMLESS):
            self.complaints.append(text)

    def sign_in(self, login, password):
        self.page.goto(f"{self.base}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def open(self, place, landmark):
        """Opens a place below /odoo and waits until the landmark is there."""
        self.page.goto(f"{self.base}/odoo/{place}")
        self.page.wait_for_selector(landmark)

    def picture(self, name):
        """Takes a picture once nothing is loading and no effect is running."""
        self.page.wait_for_function("() => !document.querySelector('.o_blockUI, .o_loading_indicator')")
        self.page.wait_for_function("() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)")
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{self.name}-{name}.png", animations="disabled")

    def picture_of(self, name, selector):
        """A picture of one part of the page."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.locator(selector).first.screenshot(path=self.pictures / f"{self.name}-{name}.png", animations="disabled")


@contextmanager
def browser():
    """A headless Chromium."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not program:
        raise SystemExit("no Chromium here: run tests/support/setup/browser.sh")
    with sync_playwright() as playwright:
        # Root has no sandbox; the small /dev/shm of containers is not enough for a tab.
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def screen(chromium, given, name, size=WIDE, state=None):
    """A window of that size, signed in as the given user or with the cookies of another window."""
    context = chromium.new_context(viewport=size, storage_state=state, accept_downloads=True, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    window = Screen(context.new_page(), given["url"], given["pictures"], name)
    try:
        if state is None:
            window.sign_in(given["login"], given["password"])
        yield window
    except Exception:
        # What the user would see now says more than the missing landmark.
        window.page.screenshot(path=window.pictures / f"{name}-failure.png")
        print(f"{window.page.url} showed: {window.page.locator('body').inner_text()}", file=sys.stderr)
        print("the browser complained: " + "\n".join(window.complaints), file=sys.stderr)
        raise
    finally:
        context.close()
    assert not window.complaints, "the browser complained: " + "\n".join(window.complaints)
