"""The ingestion endpoint of Application Insights, as far as the stack needs one: it takes everything, on port 8080, and
prints the `feedback_id` of each rejection on a line of its own. Runs in a container of its own: test_faults.py.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EVENT = "prediction_rejected"


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        envelopes = read_envelopes(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
        # Before the answer: who has it may look for what it sent.
        sys.stdout.write("".join(f"{each}\n" for each in feedback_ids(envelopes)))
        sys.stdout.flush()
        answer = {"itemsReceived": len(envelopes), "itemsAccepted": len(envelopes), "errors": []}
        self._reply(json.dumps(answer).encode())

    def _reply(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def read_envelopes(plain: bytes) -> list[dict[str, Any]]:
    """A JSON array, or one object a line."""
    if plain.lstrip().startswith(b"["):
        envelopes: list[dict[str, Any]] = json.loads(plain)
        return envelopes
    return [json.loads(line) for line in plain.splitlines() if line.strip()]


def feedback_ids(envelopes: list[dict[str, Any]]) -> Iterator[str]:
    for data in (envelope["data"] for envelope in envelopes):
        if data["baseType"] == "EventData" and data["baseData"]["name"] == EVENT:
            yield data["baseData"]["properties"]["feedback_id"]


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Recorder).serve_forever()
