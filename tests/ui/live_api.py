"""The real inference service with a tiny bundle and its own database, served on a port of its own.

It can be stopped and started again on the same port, and made slow, so that tests meet a real outage.
"""

import asyncio
import hashlib
import json
import socket
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import uvicorn
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from inference.app import create_app
from inference.loop_tables import metadata
from inference.settings import Settings
from inference.tables import feedback, feedback_keys, predictions

# Added up and squeezed into a probability of "negative"; a word that is not here weighs nothing.
WEIGHTS = {"[PAD]": 0.0, "[UNK]": 0.0, "late": 3.0, "never": 2.0, "lovely": -3.0, "thanks": -2.0}
MAX_TOKENS = 256
LOGGED_SECONDS = 5


def build_bundle(folder: Path) -> Path:
    folder.mkdir(parents=True)
    files = {"tokenizer.json": tokenizer_bytes(), "model.onnx": graph_bytes()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    description = {
        "format_version": 1,
        "name": "word_weights",
        "labels": ["negative", "positive"],
        "threshold": 0.5,
        "abstain_band": [0.4, 0.6],
        "max_tokens": MAX_TOKENS,
        "command": "made by a test",
        "dataset": {"name": "none", "fingerprint": "none", "train": 1, "validation": 1, "test": 1},
        "metrics": [],
        "libraries": {},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "golden": [{"text": text, "probabilities": golden(text)} for text in ("late never", "lovely", "a plane")],
    }
    (folder / "model.json").write_text(json.dumps(description), encoding="utf-8")
    return folder


def golden(text: str) -> list[float]:
    negative = 1 / (1 + np.exp(-sum(WEIGHTS.get(word, 0.0) for word in text.split())))
    return [float(negative), float(1 - negative)]


def tokenizer_bytes() -> bytes:
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WEIGHTS)}, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    return tokenizer.to_str().encode()


def graph_bytes() -> bytes:
    nodes = [
        helper.make_node("Gather", ["weights", "token_ids"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "tokens_axis"], ["score"], keepdims=1),
        helper.make_node("Sigmoid", ["score"], ["negative"]),
        helper.make_node("Sub", ["one", "negative"], ["positive"]),
        helper.make_node("Concat", ["negative", "positive"], ["probabilities"], axis=1),
    ]
    constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
        "weights": np.array(list(WEIGHTS.values()), np.float32),
        "tokens_axis": np.array([1], np.int64),
        "one": np.array([1], np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "word_weights",
        [helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    assert isinstance(content, bytes)
    return content


@dataclass(frozen=True)
class FeedbackRow:
    verdict: str
    label: str | None
    comment: str | None


class WatchedAnswers:
    """Notes the idempotency keys; a request is carried out at once, its answer leaves `seconds` later."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seconds = 0.0
        self.keys: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(self.seconds)
            await send(message)

        headers: dict[bytes, bytes] = dict(scope.get("headers", []))
        if b"idempotency-key" in headers:
            self.keys.append(headers[b"idempotency-key"].decode())
        await self.app(scope, receive, send_late if scope["type"] == "http" else send)


class LiveApi:
    def __init__(self, folder: Path, *, with_model: bool = True, port: int | None = None, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = Settings(
            database_url=SecretStr(f"sqlite:///{folder / 'inference.db'}"),
            model_dir=folder / "models",
            spool_dir=folder / "spool",
            bundle=build_bundle(folder / "bundle") if with_model else None,
            **settings,
        )
        self._engine = create_engine(self._settings.database_url.get_secret_value())
        metadata.create_all(self._engine)
        self._port = port or free_port()
        self._watched: WatchedAnswers | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        self._watched = WatchedAnswers(create_app(self._settings))
        config = uvicorn.Config(
            self._watched, host="127.0.0.1", port=self._port, log_config=None, timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 15
        while not self._server.started:
            assert time.monotonic() < deadline and self._thread.is_alive(), "the API did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(15)
            assert not self._thread.is_alive()
        self._server = self._thread = None

    def close(self) -> None:
        self.stop()
        self._engine.dispose()

    def answer_after(self, seconds: float) -> None:
        assert self._watched is not None
        self._watched.seconds = seconds

    @property
    def keys_sent(self) -> list[str]:
        """The idempotency keys that reached the API since its last start, in order."""
        assert self._watched is not None
        return self._watched.keys

    def reading(self) -> AbstractContextManager[Connection]:
        return self._engine.connect()

    def feedback_for(self, text: str) -> list[FeedbackRow]:
        columns = feedback.c.verdict, feedback.c.label, feedback.c.comment
        query = select(*columns).join_from(feedback, predictions).where(predictions.c.text == text)
        with self._engine.connect() as connection:
            return [FeedbackRow(*row) for row in connection.execute(query.order_by(feedback.c.sequence))]

    def reviewers_of(self, text: str) -> list[str | None]:
        query = select(feedback.c.reviewer).join_from(feedback, predictions).where(predictions.c.text == text)
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(feedback.c.sequence)).scalars())

    def keys_kept_for(self, text: str) -> list[str]:
        query = select(feedback_keys.c.idempotency_key).join_from(feedback_keys, predictions)
        with self._engine.connect() as connection:
            return list(connection.execute(query.where(predictions.c.text == text)).scalars())

    def predictions_of(self, text: str) -> int:
        # They are brought into the database in groups, several times a second.
        deadline = time.monotonic() + LOGGED_SECONDS
        while any(self._settings.spool_dir.glob("*.rows")) and time.monotonic() < deadline:
            time.sleep(0.05)
        query = select(predictions.c.sequence).where(predictions.c.text == text)
        with self._engine.connect() as connection:
            return len(connection.execute(query).all())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
