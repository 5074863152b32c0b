# An embedder for tests that speaks the protocol of `/v1/embeddings`: texts that share
# words have vectors that are near.
import json
import re
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIMENSIONS = 128


class Embedder:
    """Answers on a free port until it is stopped."""

    def __init__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def settings(self):
        port = self._server.server_address[1]
        return {
            "url": f"http://127.0.0.1:{port}/v1",
            "model": "words",
            "dimensions": DIMENSIONS,
        }

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        texts = json.loads(self.rfile.read(length))["input"]
        data = [
            {"index": index, "embedding": _vector(text)}
            for index, text in enumerate(texts)
        ]
        answer = json.dumps({"object": "list", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments):
        """Says nothing: what matters here is what the server makes of the answers."""


def _vector(text):
    vector = [0.001] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % DIMENSIONS] += 1.0
    return vector
