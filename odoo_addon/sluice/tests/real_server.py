# A real Sluice server for tests: the program itself, on ports and a database of its
# own, asked to connect as an administrator would.
import os
import random
import signal
import socket
import subprocess
import uuid
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import grpc
import psycopg2

from odoo.sql_db import connection_info_for
from odoo.tests import HttpCase
from odoo.tests.common import release_test_lock

from ..wire import Client
from ..wire.calls import Calls
from ..wire.channel import channel
from ..wire.generated import connections_pb2
from ..wire.settings import ADDRESS, TOKEN, Settings

PROGRAM = "TEST_SLUICE_SERVER"
# Seconds that a start or a stop may take on a busy machine.
PATIENCE = 60


class RealServer:
    """The process; it keeps its address, data and tokens when it is stopped and started
    again.
    """

    def __init__(self, **settings):
        """`settings` are environment variables of the program."""
        self._settings = settings
        self._program = os.environ.get(PROGRAM)
        if not self._program:
            raise AssertionError(
                f"{PROGRAM} does not name the server's program: run the tests with "
                "`make odoo-test`"
            )
        self._folder = TemporaryDirectory(prefix="sluice-server.")
        self._process = None
        self._database = f"sluice_{uuid.uuid4().hex}"
        self._administer(f'CREATE DATABASE "{self._database}"')
        self.address = f"127.0.0.1:{free_port()}"

    def start(self):
        log = open(Path(self._folder.name, "server.log"), "ab")  # noqa: SIM115 - the process keeps it
        with log:
            self._process = subprocess.Popen(
                [self._program],
                env=self._environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        # The addon's own channel: after a failure it rests for up to two seconds.
        shared = channel(Settings(self.address, False, "", ""))
        try:
            grpc.channel_ready_future(shared).result(PATIENCE)
        except grpc.FutureTimeoutError as error:
            raise AssertionError(f"the server does not serve:\n{self.log()}") from error
        return self

    def stop(self):
        if self._process:
            # What watches holds a graceful stop back, and a test has nothing to wait
            # for.
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(PATIENCE)
            self._process = None

    def remove(self):
        self.stop()
        self._administer(f'DROP DATABASE "{self._database}" WITH (FORCE)')
        self._folder.cleanup()

    def log(self):
        return Path(self._folder.name, "server.log").read_text(errors="replace")

    def client(self, env):
        """A client with the administrator's token."""
        return Client(env, self.settings())

    def settings(self):
        token = Path(self._folder.name, "data", "admin.token").read_text().strip()
        return Settings(self.address, False, "", token)

    def pairing_code(self, env):
        return self._connections(env).unary(
            "CreatePairingCode",
            connections_pb2.ConnectionsCreatePairingCodeRequest(),
            PATIENCE,
        )["code"]

    def save_connection(self, env, name, **values):
        """Saves a connection without trying it; returns its token."""
        request = connections_pb2.ConnectionsSaveRequest(
            name=name, skip_test=True, **values
        )
        return self._connections(env).unary("Save", request, PATIENCE)["token"]

    def _connections(self, env):
        return Calls(env, self.settings(), connections_pb2, "Connections")

    def _environment(self):
        _name, postgres = connection_info_for("postgres")
        password = postgres.get("password") or os.environ.get("PGPASSWORD", "")
        at = f"{postgres.get('host', '127.0.0.1')}:{postgres.get('port', 5432)}"
        return {
            "PATH": os.environ["PATH"],
            "HOME": self._folder.name,
            "DATABASE_URL": (
                f"postgres://{quote(postgres['user'])}:{quote(password)}@{at}/{self._database}"
            ),
            "SLUICE_LISTEN": self.address,
            "SLUICE_METRICS_LISTEN": "127.0.0.1:0",
            "SLUICE_DATA_DIR": str(Path(self._folder.name, "data")),
            # The tests' lists and the tests' Odoo are on this machine.
            "SLUICE_PRIVATE_SOURCES": "*",
            "SLUICE_LOG_FORMAT": "human",
            **self._settings,
        }

    def _administer(self, statement):
        _name, postgres = connection_info_for("postgres")
        with closing(psycopg2.connect(**postgres)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)


class RealServerCase(HttpCase):
    """Tests with a server of their own, which reaches this Odoo through its HTTP port
    and sees what the test wrote.
    """

    server_settings = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = RealServer(**cls.server_settings)
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()
        cls.env["sluice.job"].search([]).unlink()

    def setUp(self):
        super().setUp()
        # All requests of the server come to the test's cursor. They are let in while
        # the test waits for a call of its own, and at no other time: two threads on one
        # cursor would break it.
        self.http_request_allow_all = True
        unary, stream = Calls.unary, Calls.stream

        def unary_and_let_in(calls, *arguments):
            with self.requests_let_in():
                return unary(calls, *arguments)

        def stream_and_let_in(calls, *arguments):
            with closing(stream(calls, *arguments)) as messages:
                while True:
                    with self.requests_let_in():
                        message = next(messages, None)
                    if message is None:
                        return
                    yield message

        self.patch(Calls, "unary", unary_and_let_in)
        self.patch(Calls, "stream", stream_and_let_in)
        # What is committed in the course of a button stays within the test.
        self.patch(self.env.cr, "commit", self.env.flush_all)

    @contextmanager
    def requests_let_in(self):
        self.env.flush_all()
        with release_test_lock():
            yield

    def connect(self):
        """Connects this database by a pairing code, under a name that no other test
        has; returns a client of it.
        """
        self.connecting().action_sluice_connect()
        return Client(self.env)

    def connect_to_absent_odoo(self):
        """Connects this database as one whose Odoo never answers: jobs of it wait for
        as long as a test wants.
        """
        url = f"http://127.0.0.1:{free_port()}"
        name = f"odoo-{uuid.uuid4().hex[:12]}"
        token = self.server.save_connection(
            self.env, name, url=url, database="absent", api_key="0123456789abcdef"
        )
        self.env["ir.config_parameter"].set_param(ADDRESS, self.server.address)
        self.env["ir.config_parameter"].set_param(TOKEN, token)
        return Client(self.env)

    def until(self, client, job_id, *types):
        """Waits until the job has told an event of one of these types, such as
        "WAITING"; returns that event.
        """
        wanted = {f"EVENT_TYPE_{name}" for name in types}
        for message in client.watch(deadline=PATIENCE, heartbeat=1, job_id=job_id):
            if message.get("event") and message["event"]["type"] in wanted:
                return message["event"]
        raise AssertionError(f"the job ended without any of {types}")

    def connecting(self, **values):
        """The settings as an administrator fills them in."""
        return self.env["res.config.settings"].create(
            {
                "sluice_address": self.server.address,
                "sluice_code": self.server.pairing_code(self.env),
                "sluice_odoo_url": self.base_url(),
                "sluice_connection_name": f"odoo-{uuid.uuid4().hex[:12]}",
                **values,
            }
        )


def free_port():
    """A port that is free now, below the range that outgoing connections use."""
    while True:
        port = random.randint(15000, 32000)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
