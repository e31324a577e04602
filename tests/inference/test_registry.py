"""A registry that answers with rubbish, or not at all, never takes the follower down."""

import gzip
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from inference.cache import BundleCache
from inference.champion import Champion
from inference.errors import BundleRefused, RegistryUnavailable
from inference.follower import ChampionFollower
from inference.registry import Registry, RegistryVersion

WANTED = RegistryVersion(version="1")
ALIAS = b'{"model_version": {"version": "1", "run_id": "r", "source": "s", "tags": []}}'

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that answers everything with one status and one body, or with a body that comes piece by piece."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes | Iterable[bytes], **headers: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                if isinstance(body, bytes):
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                # Whoever asks may hang up before the end.
                with suppress(OSError):
                    for piece in [body] if isinstance(body, bytes) else body:
                        self.wfile.write(piece)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"model_version": {"version": "../1"}}'),
        (200, b'{"model_version": {"version": 1}}'),
        (404, b"not found"),
        (404, b'{"error_code": "ENDPOINT_NOT_FOUND"}'),
        (401, b""),
        (403, b"Invalid Host header"),
        (429, b""),
        (500, b"{}"),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_champion_and_no_crash(serve: Serve, status: int, body: bytes) -> None:
    with pytest.raises(RegistryUnavailable):
        Registry(serve(status, body), "tweet-sentiment").fetch_champion()


def test_a_registry_that_is_away_is_named_without_its_url(unused_url: str) -> None:
    with pytest.raises(RegistryUnavailable, match="^ConnectionError$"):
        Registry(unused_url.replace("//", "//user:secret@"), "tweet-sentiment").fetch_champion()


@pytest.mark.parametrize("code", ["RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"])
def test_no_alias_yet_is_an_ordinary_answer(serve: Serve, code: str) -> None:
    url = serve(404, b'{"error_code": "%s", "message": "none"}' % code.encode())
    assert Registry(url, "tweet-sentiment").fetch_champion() is None


def test_a_file_that_grows_without_end_is_refused(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.registry.DOWNLOAD_LIMIT_BYTES", 1000)
    with pytest.raises(BundleRefused, match=r"model\.onnx is larger"):
        Registry(serve(200, b"x" * 2000), "tweet-sentiment").fetch_file(WANTED, "model.onnx", tmp_path)


def test_an_alias_without_end_is_no_answer(serve: Serve) -> None:
    with pytest.raises(RegistryUnavailable, match="does not end"):
        Registry(serve(200, b" " * 1_100_000), "tweet-sentiment").fetch_champion()


def drops() -> Iterator[bytes]:
    for _ in range(100):
        yield b" "
        time.sleep(0.05)


def test_an_answer_in_drops_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each drop comes in time, so that only a bound on all of them helps."""
    monkeypatch.setattr("inference.registry.ANSWER_LIMIT_SECONDS", 0.3)
    started = time.monotonic()
    with pytest.raises(RegistryUnavailable, match="takes longer"):
        Registry(serve(200, drops()), "tweet-sentiment").fetch_champion()
    assert time.monotonic() - started < 2


def test_a_compressed_answer_is_not_unpacked(serve: Serve) -> None:
    url = serve(200, gzip.compress(b" " * 10_000_000), content_encoding="gzip")
    with pytest.raises(RegistryUnavailable, match="unexpected answer"):
        Registry(url, "tweet-sentiment").fetch_champion()


def test_a_file_that_breaks_off_is_tried_again_not_refused(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(RegistryUnavailable):
        Registry(serve(503, b""), "tweet-sentiment").fetch_file(WANTED, "model.onnx", tmp_path)


def test_rubbish_where_the_bundle_should_be_is_refused(serve: Serve, tmp_path: Path) -> None:
    champion = Champion()
    ChampionFollower(champion, Registry(serve(200, ALIAS), "m"), BundleCache(tmp_path), 0.1).poll()
    assert champion.refused is not None
    assert champion.refused.reason.startswith("model.json is not valid")


def test_back_at_work_the_follower_asks_as_often_as_before(serve: Serve, tmp_path: Path) -> None:
    url = serve(404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}')
    follower = ChampionFollower(Champion(), Registry(url, "m"), BundleCache(tmp_path), 5)
    assert follower._next_delay(30) == 5


def test_a_full_disk_does_not_end_the_follower(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    follower = ChampionFollower(Champion(), Registry(serve(200, ALIAS), "m"), BundleCache(tmp_path / "models"), 5)
    assert follower._next_delay(5) == 2
