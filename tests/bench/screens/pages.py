"""Open forms without a browser: each has a websocket of its own and asks for its job where the bus is silent, as jobs_service.js does.

    pages.py DATABASE_FILE PAGES

Signs the users `watcher-0` and so on in, whose passwords are their logins. Then each line of input is a list of jobs: the pages open,
and a line says so; they close at the next line, and a line tells what they heard and asked in between.
"""

import json
import re
import sys
import threading
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import websocket

ASK_EVERY = 4
PATIENCE = 1.5
FIELDS = [
    "title", "kind", "state", "seq", "message", "percent", "rows_per_second", "seconds_left", "rows_total", "rows_done",
    "created_count", "updated_count", "unchanged_count", "skipped_count", "error_count", "started_at", "finished_at",
    "user_id", "res_model", "res_id",
]


class Session:
    """A person who is signed in: each form is open at somebody else's, since the tabs of one browser share a websocket."""

    def __init__(self, described, person):
        self.url = described["url"]
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.call("/web/session/authenticate", db=described["database"], login=person, password=person)
        page = self.opener.open(f"{self.url}/odoo").read().decode()
        self.version = re.search(r'"websocket_worker_version": "([^"]+)"', page).group(1)

    def call(self, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        answer = json.loads(self.opener.open(request, timeout=60).read())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def websocket(self):
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.cookies)
        address = f"ws{self.url.removeprefix('http')}/websocket?version={urllib.parse.quote(self.version)}"
        return websocket.create_connection(address, cookie=cookie, origin=self.url, timeout=30)


class Page(threading.Thread):
    def __init__(self, session, job, stop):
        super().__init__(daemon=True)
        self.session, self.job, self.stop = session, job, stop
        self.heard = self.asked = self.returned = self.last = 0
        self.is_open = threading.Event()

    def run(self):
        connection = self.subscribe()
        self.ask()
        self.is_open.set()
        ask_from, next_look = 0, time.monotonic() + ASK_EVERY
        while not self.stop.is_set():
            try:
                ask_from = self.listen(connection) or ask_from
            except websocket.WebSocketConnectionClosedException:
                # Odoo closes websockets when it has too many at once; a browser comes back.
                self.returned += 1
                connection = self.subscribe()
            if time.monotonic() >= next_look:
                if ask_from <= time.monotonic():
                    self.ask()
                next_look = time.monotonic() + ASK_EVERY
        connection.close()

    def subscribe(self):
        connection = self.session.websocket()
        connection.send(json.dumps({"event_name": "subscribe", "data": {"channels": [], "last": self.last}}))
        connection.settimeout(0.5)
        return connection

    def listen(self, connection):
        """Listens for half a second at most; when to ask for the job of this page, if something was said about it."""
        try:
            said = connection.recv()
        except websocket.WebSocketTimeoutException:
            return None
        if not said:
            raise websocket.WebSocketConnectionClosedException("Odoo has closed it")
        said = json.loads(said)
        # What a browser heard it does not want again when it comes back.
        self.last = max([self.last, *(one["id"] for one in said)])
        jobs = [one["message"]["payload"] for one in said if one["message"]["type"] == "sluice.job/changed"]
        self.heard += len(jobs)
        silences = [job["silence"] for job in jobs if job["id"] == self.job]
        return time.monotonic() + max(ASK_EVERY, PATIENCE * silences[-1]) if silences else None

    def ask(self):
        self.asked += 1
        self.session.call(
            "/web/dataset/call_kw/sluice.job/read", model="sluice.job", method="read", args=[[self.job], FIELDS], kwargs={"load": None},
        )


def totals(opened):
    return {name: sum(getattr(page, name) for page in opened) for name in ("heard", "asked", "returned")}


def tell(**told):
    print(json.dumps(told), flush=True)


def watch(sessions, jobs):
    stop = threading.Event()
    opened = [Page(session, jobs[number % len(jobs)], stop) for number, session in enumerate(sessions)]
    # People do not open their forms in the same instant.
    for page in opened:
        page.start()
        if not page.is_open.wait(60):
            sys.exit("a page did not open")
    before = totals(opened)
    tell(open=len(opened))
    sys.stdin.readline()
    after = totals(opened)
    stop.set()
    for page in opened:
        page.join(10)
    tell(**{name: after[name] - before[name] for name in after})


def main(described, pages):
    with open(described, encoding="utf-8") as file:
        described = json.load(file)
    sessions = [Session(described, f"watcher-{number}") for number in range(int(pages))]
    tell(signed_in=len(sessions))
    for line in sys.stdin:
        watch(sessions, json.loads(line))


main(*sys.argv[1:])
