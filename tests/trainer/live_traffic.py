"""Live traffic for the trainer's tests: what a bundle answered, put into the database of a real API, and judged."""

import socket
import socketserver
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
import requests
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from inference.feedback_store import StoredFeedback
from inference.rows import build_row
from inference.store import Store
from inference.tables import feedback
from tests.trainer.verdicts import People
from trainer.bundle import Bundle

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Traffic:
    """A tweet a minute, from noon on."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.now = NOON

    def answer(self, bundle: Bundle, texts: Sequence[str], *, version: str = "1") -> list[UUID]:
        """Ids of the predictions, as the bundle really answers them."""
        probabilities = bundle.classifier.probabilities(texts)
        chosen, abstained = bundle.classifier.decide(probabilities)
        ids = [uuid7() for _ in texts]
        rows = []
        for row, text in enumerate(texts):
            self.now += timedelta(minutes=1)
            shares = dict(zip(bundle.card.labels, map(float, probabilities[row]), strict=True))
            label = bundle.card.labels[chosen[row]]
            rows.append(
                build_row(
                    prediction_id=ids[row],
                    text=text,
                    label=label,
                    probability=shares[label],
                    probabilities=shares,
                    abstained=bool(abstained[row]),
                    model_name=bundle.card.name,
                    model_version=version,
                    model_digest=bundle.digest,
                    created_at=self.now,
                    author=None,
                )
            )
        Store(self.people.engine).write_predictions(rows)
        return ids

    def judge(self, ids: Sequence[UUID], verdict: Literal["confirmed", "rejected"]) -> None:
        verdicts = [
            StoredFeedback(each, verdict, label=None, comment=None, created_at=self.now, reviewer=None) for each in ids
        ]
        with self.people.engine.begin() as connection:
            connection.execute(insert(feedback), [asdict(each) for each in verdicts])

    def reports(self) -> list[dict[str, object]]:
        """The drift reports that the API has, the latest first."""
        answer = requests.get(f"{self.people.url}/v1/drift-reports", timeout=30)
        items: list[dict[str, object]] = answer.json()["items"]
        return items


def drawn(texts: Sequence[str], size: int, seed: int) -> list[str]:
    return [texts[row] for row in np.random.default_rng(seed).integers(0, len(texts), size)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def relay(port: int, url: str) -> Iterator[None]:
    """The API at `url` answers at this port too, for as long as this is open."""
    host, own = url.removeprefix("http://").split(":")

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((host, int(own))) as api:
                back = threading.Thread(target=pass_on, args=(api, self.request))
                back.start()
                pass_on(self.request, api)
                back.join()

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Relay) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
