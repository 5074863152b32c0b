# The wire: what is sent, what comes back, and what a person reads when it goes wrong.
import hashlib
import threading
import uuid

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..wire import Client
from ..wire import client as limits
from ..wire.errors import ServerError
from ..wire.generated import progress_pb2
from ..wire.plain import moment
from ..wire.settings import ADDRESS, TOKEN, Settings
from .dutch_case import speak_dutch
from .far_side import FarSide
from .real_server import RealServerCase, free_port

GET = "/sluice.v1.Jobs/Get"


@tagged("post_install", "-at_install")
class TestWire(RealServerCase):
    def setUp(self):
        super().setUp()
        self.token = self.connect_to_absent_odoo().settings.token

    def client(self, address=None, token=None):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(ADDRESS, address or self.server.address)
        parameters.set_param(TOKEN, self.token if token is None else token)
        return Client(self.env)

    def enqueued(self, **values):
        return self.client().enqueue_import(
            {"supplier": "7", "url": "https://gates.example/list.csv", **values},
            str(uuid.uuid4()),
        )

    def refusal(self, *arguments, job=None, **settings):
        client = self.client(*arguments, **settings)
        with self.assertRaises(ServerError) as caught:
            client.job(job or str(uuid.uuid4()))
        return caught.exception

    def test_a_job_comes_as_a_plain_dict(self):
        told = self.client().job(self.enqueued()["id"])
        self.assertIn(told["state"], ("JOB_STATE_QUEUED", "JOB_STATE_RUNNING"))
        self.assertEqual(
            (told["kind"], told["counters"]["rows_total"]), ("supplier_import", 0)
        )
        self.assertIsNone(told["finished_at"])
        self.assertLess(
            abs((self.env.cr.now() - moment(told["created_at"])).total_seconds()), 3600
        )

    def test_a_list_goes_up_in_pieces(self):
        pieces = [b"EAN;Prijs\n" * 1000, b"8710000000017;1,50\n"]
        stored = self.client().upload("list.csv", pieces)
        whole = b"".join(pieces)
        self.assertEqual(
            (stored["size"], stored["sha256"]),
            (len(whole), hashlib.sha256(whole).hexdigest()),
        )

    def test_an_import_is_asked_for_as_a_plain_dict(self):
        job = self.enqueued(
            mapping=[{"column": "prijs", "field": "LIST_FIELD_PRICE"}],
            filter={"min_price": "0.01"},
            company_id=3,
        )
        asked = self.client().asked_import(job["id"])
        self.assertEqual(asked["schedule"], "")
        self.assertEqual(
            {
                name: asked["import"][name]
                for name in (
                    "supplier",
                    "url",
                    "mapping",
                    "company_id",
                    "unknown_product",
                )
            },
            {
                "supplier": "7",
                "url": "https://gates.example/list.csv",
                "company_id": 3,
                "unknown_product": "UNKNOWN_PRODUCT_ERROR",
                "mapping": [{"column": "prijs", "field": "LIST_FIELD_PRICE"}],
            },
        )
        self.assertEqual(asked["import"]["filter"]["min_price"], "0.01")

    def test_a_stream_tells_the_story(self):
        client = self.client()
        job = self.enqueued()
        told = []
        for message in client.watch(deadline=30, heartbeat=1, job_id=job["id"]):
            event = message.get("event")
            if event:
                told.append(event["type"])
                if event["type"] == "EVENT_TYPE_STARTED":
                    client.cancel(job["id"])
        self.assertEqual(told[:2], ["EVENT_TYPE_QUEUED", "EVENT_TYPE_STARTED"])
        self.assertIn(told[-1], ("EVENT_TYPE_CANCELLED", "EVENT_TYPE_FAILED"))

    def test_a_stream_ends_when_its_reader_leaves(self):
        left = []

        def watch(_request, context):
            context.add_callback(lambda: left.append(True))
            while True:
                yield progress_pb2.ProgressWatchResponse(
                    heartbeat={}
                ).SerializeToString()

        with FarSide({"/sluice.v1.Progress/Watch": watch}) as far:
            for message in self.client(far.address).watch(deadline=20, heartbeat=1):
                self.assertIn("heartbeat", message)
                break
        self.assertTrue(left)

    def test_a_refusal_says_its_reason_and_field(self):
        error = self.refusal(job="0199")
        self.assertEqual(
            (str(error), error.reason, error.field),
            ("Job_id must be a UUID.", "FIELD_INVALID", "job_id"),
        )

    def test_a_refusal_brings_its_metadata(self):
        job = self.enqueued()
        with self.assertRaises(ServerError) as caught:
            self.client().retry(job["id"])
        self.assertEqual(caught.exception.reason, "JOB_STATE")
        self.assertIn(caught.exception.metadata["state"], ("queued", "running"))

    def test_a_job_of_nobody_is_not_known(self):
        self.assertEqual(self.refusal().reason, "JOB_NOT_FOUND")

    def test_a_wrong_token_tells_what_to_do(self):
        error = self.refusal(token="slu_conn_wrong")
        self.assertEqual(error.reason, "TOKEN_INVALID")
        self.assertIn("connect again", str(error))
        self.assertFalse(error.is_away)

    def test_a_missing_token_tells_what_to_do(self):
        error = self.refusal(token="")
        self.assertEqual(error.reason, "TOKEN_MISSING")
        self.assertIn("not connected", str(error))

    def test_a_reader_of_dutch_reads_dutch(self):
        speak_dutch(self.env)
        self.env = self.env(context={**self.env.context, "lang": "nl_NL"})
        self.assertIn("verbind opnieuw", str(self.refusal(token="slu_conn_wrong")))
        job, client = self.enqueued(), self.client()
        with self.assertRaises(ServerError) as caught:
            client.retry(job["id"])
        self.assertEqual(
            str(caught.exception), "De toestand van de taak laat dit niet toe."
        )
        self.assertIn("cannot be retried", caught.exception.told)

    def test_a_server_that_is_not_there_is_named(self):
        address = f"127.0.0.1:{free_port()}"
        error = self.refusal(address)
        self.assertEqual(error.reason, "UNREACHABLE")
        self.assertTrue(error.is_away)
        self.assertIn(address, str(error))

    def test_a_server_without_tls_is_told_apart_from_one_that_is_away(self):
        self.assertEqual(self.refusal(f"https://{self.server.address}").reason, "TLS")

    def test_a_server_that_is_no_sluice_is_told_apart(self):
        with FarSide({}) as far:
            self.assertEqual(self.refusal(far.address).reason, "NO_SUCH_METHOD")

    def test_no_call_waits_for_long(self):
        given_up = threading.Event()

        def never(_request, _context):
            given_up.wait()

        self.patch(limits, "CALL", 0.3)
        with FarSide({GET: never}) as far:
            try:
                self.assertEqual(self.refusal(far.address).reason, "TOO_SLOW")
            finally:
                # An answer that races with the end of waiting would be another refusal.
                given_up.set()


@tagged("post_install", "-at_install")
class TestAddresses(TransactionCase):
    def test_addresses(self):
        for address, target, secure in (
            ("sluice.example.com", "sluice.example.com:7410", True),
            ("https://sluice.example.com:8443/", "sluice.example.com:8443", True),
            ("127.0.0.1:17410", "127.0.0.1:17410", False),
            ("localhost", "localhost:7410", False),
            ("[::1]:9000", "[::1]:9000", False),
            ("https://localhost", "localhost:7410", True),
        ):
            with self.subTest(address):
                settings = Settings.parse(self.env, address, "", "")
                self.assertEqual((settings.target, settings.secure), (target, secure))
        for address in (
            "",
            "http://sluice.example.com",
            "ftp://localhost",
            "localhost:port",
            "https://a/b",
            ":7410",
        ):
            with self.subTest(address), self.assertRaises(UserError):
                Settings.parse(self.env, address, "", "")
