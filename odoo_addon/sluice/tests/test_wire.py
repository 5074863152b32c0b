# The wire: what is sent, what comes back, and what a person reads when it goes wrong.
import threading

import grpc

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..wire import Client
from ..wire import client as limits
from ..wire.errors import ServerError
from ..wire.generated import import_queue_pb2, jobs_pb2, progress_pb2
from ..wire.plain import moment
from ..wire.settings import ADDRESS, TOKEN, Settings
from .far_side import FarSide, refuse

GET = "/sluice.v1.Jobs/Get"


@tagged("post_install", "-at_install")
class TestWire(TransactionCase):
    def client(self, address, token="slu_conn_x"):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(ADDRESS, address)
        parameters.set_param(TOKEN, token)
        return Client(self.env)

    def refusal(self, address):
        with self.assertRaises(ServerError) as caught:
            self.client(address).job("0199")
        return caught.exception

    def test_a_job_comes_as_a_plain_dict(self):
        job = jobs_pb2.Job(id="0199", state="JOB_STATE_RUNNING", counters={"rows_total": 3}, created_at={"seconds": 1767225600})
        answer = jobs_pb2.JobsGetResponse(job=job).SerializeToString()
        with FarSide({GET: lambda _request, _context: answer}) as far:
            told = self.client(far.address).job("0199")
            self.assertEqual(far.metadata["authorization"], "Bearer slu_conn_x")
        self.assertEqual((told["id"], told["state"], told["counters"]["rows_total"]), ("0199", "JOB_STATE_RUNNING", 3))
        self.assertIsNone(told["finished_at"])
        self.assertEqual(str(moment(told["created_at"])), "2026-01-01 00:00:00")

    def test_a_list_goes_up_in_pieces_and_its_name_once(self):
        received = []

        def upload(requests, _context):
            received.extend(import_queue_pb2.ImportQueueUploadRequest.FromString(request) for request in requests)
            return import_queue_pb2.ImportQueueUploadResponse(upload_id="u", size=6).SerializeToString()

        with FarSide({"/sluice.v1.ImportQueue/Upload": upload}) as far:
            stored = self.client(far.address).upload("list.csv", [b"abc", b"def"])
        self.assertEqual((stored["upload_id"], stored["size"]), ("u", 6))
        self.assertEqual([(piece.file_name, piece.data) for piece in received], [("list.csv", b"abc"), ("", b"def")])

    def test_an_import_is_asked_for_as_a_plain_dict(self):
        asked = []

        def enqueue(request, _context):
            asked.append(import_queue_pb2.ImportQueueEnqueueRequest.FromString(request))
            return import_queue_pb2.ImportQueueEnqueueResponse(job={"id": "0199"}).SerializeToString()

        with FarSide({"/sluice.v1.ImportQueue/Enqueue": enqueue}) as far:
            job = self.client(far.address).enqueue_import(
                {
                    "supplier": "7",
                    "url": "https://gates.example/list.csv",
                    "mapping": [{"column": "prijs", "field": "LIST_FIELD_PRICE"}],
                    "filter": {"min_price": "0.01"},
                },
                "11111111-1111-4111-8111-111111111111",
            )
        self.assertEqual(job["id"], "0199")
        wanted = getattr(asked[0], "import")
        self.assertEqual((wanted.supplier, wanted.url, wanted.filter.min_price), ("7", "https://gates.example/list.csv", "0.01"))
        self.assertEqual(wanted.mapping[0].field, import_queue_pb2.LIST_FIELD_PRICE)

    def test_a_stream_ends_when_its_reader_leaves(self):
        left = []

        def watch(_request, context):
            context.add_callback(lambda: left.append(True))
            while True:
                yield progress_pb2.ProgressWatchResponse(heartbeat={}).SerializeToString()

        with FarSide({"/sluice.v1.Progress/Watch": watch}) as far:
            for message in self.client(far.address).watch(deadline=20, heartbeat=1):
                self.assertIn("heartbeat", message)
                break
        self.assertTrue(left)

    def test_a_refusal_says_its_reason_and_field(self):
        answer = refuse(grpc.StatusCode.INVALID_ARGUMENT, "job_id must be a UUID", "FIELD_INVALID", "job_id")
        with FarSide({GET: answer}) as far:
            error = self.refusal(far.address)
        self.assertEqual((str(error), error.reason, error.field), ("Job_id must be a UUID.", "FIELD_INVALID", "job_id"))

    def test_a_refusal_brings_its_metadata(self):
        with FarSide({GET: refuse(grpc.StatusCode.ALREADY_EXISTS, "the lane is busy", "LANE_BUSY", percent="40")}) as far:
            self.assertEqual(self.refusal(far.address).metadata, {"percent": "40"})

    def test_a_wrong_token_tells_what_to_do(self):
        with FarSide({GET: refuse(grpc.StatusCode.UNAUTHENTICATED, "unknown token", "TOKEN_INVALID")}) as far:
            error = self.refusal(far.address)
        self.assertIn("connect again", str(error))
        self.assertFalse(error.is_away)

    def test_a_server_that_is_not_there_is_named(self):
        with FarSide({}) as far:
            address = far.address
        error = self.refusal(address)
        self.assertEqual(error.reason, "UNREACHABLE")
        self.assertTrue(error.is_away)
        self.assertIn(address, str(error))

    def test_a_server_without_tls_is_told_apart_from_one_that_is_away(self):
        with FarSide({}) as far:
            self.assertEqual(self.refusal(f"https://{far.address}").reason, "TLS")

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
        for address in ("", "http://sluice.example.com", "ftp://localhost", "localhost:port", "https://a/b", ":7410"):
            with self.subTest(address), self.assertRaises(UserError):
                Settings.parse(self.env, address, "", "")
