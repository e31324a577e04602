"""Beyond what a worker can answer in time it says so at once, and its connections stay as good as new."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path

import pytest
from uuid_utils import uuid7

from inference.app import create_app
from inference.protocol import build_refusals, is_whole_prediction
from inference.settings import Settings
from tests.inference.running import Answer, Wire, build_request, running, serving

Make = Callable[..., Path]

SINGLE = build_request("/v1/predictions", b'{"text": "late"}')
BATCH = build_request("/v1/predictions/batch", b'{"texts": ["late", "thanks"]}')
EXPLANATION = build_request("/v1/predictions/018f0000-0000-7000-8000-000000000000/explanation", b"")
COMPARISON = build_request("/v1/comparisons", b'{"text": "late"}')
FEEDBACK = b'{"prediction_id": "no-such-id", "verdict": "confirmed"}'


def get(path: str) -> bytes:
    return build_request(path, b"", "GET")


@contextmanager
def crowd(url: str, size: int) -> Iterator[list[Wire]]:
    """Requests in flight, for a second and a half: verdicts on predictions that another machine may yet bring in."""
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(url)) for _ in range(size)]
        for wire in wires:
            wire.send(build_request("/v1/feedback", FEEDBACK.replace(b"no-such-id", str(uuid7()).encode())))
        with Wire(url) as beside:
            # What is asked after them is read after them.
            assert beside.ask(get("/health/live")).status == 200
        yield wires


def disperse(wires: list[Wire]) -> None:
    for wire in wires:
        assert wire.read().status == 404
    # By the next turn of the loop they are gone.
    assert wires[0].ask(get("/health/live")).status == 200


def assert_refused(answer: Answer) -> None:
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.headers["retry-after"] in ("1", "2", "3")
    assert "connection" not in answer.headers
    assert json.loads(answer.body)["detail"] == "More is asked than can be answered in time."


def halves(request: bytes) -> list[bytes]:
    """Head and body, as many clients send them."""
    head, end, body = request.partition(b"\r\n\r\n")
    return [head + end, body] if body else [head[:30], head[30:] + end]


def assert_refused_and_then_answered(url: str) -> None:
    with Wire(url) as wire:
        for request in (SINGLE, BATCH, EXPLANATION, COMPARISON):
            with crowd(url, 2) as others:
                assert_refused(wire.ask(request))
                assert_refused(wire.ask(*halves(request)))
                disperse(others)
        with crowd(url, 2) as others:
            wire.send(SINGLE + SINGLE)
            assert_refused(wire.read())
            assert_refused(wire.read())
            # What is not scored is answered, on the same connection.
            for path in ("/health/live", "/health/ready", "/v1/model", "/v1/predictions", "/v1/feedback", "/metrics"):
                assert wire.ask(get(path)).status == 200
            assert wire.ask(build_request("/v1/feedback", FEEDBACK)).status == 404
            assert_refused(wire.ask(SINGLE))
            disperse(others)
        for request, status in ((SINGLE, 200), (BATCH, 200), (EXPLANATION, 404), (COMPARISON, 200)):
            assert wire.ask(request).status == status
            assert wire.ask(*halves(request)).status == status


def test_under_gunicorn_predictions_behind_a_crowd_are_503_and_all_else_is_answered(
    make_bundle: Make, database_url: str, tmp_path: Path, unused_url: str
) -> None:
    settings = {"max_in_flight": "2", "queue_above_ms": "0", "bundle": str(make_bundle()), "database_url": database_url}
    with running(tmp_path, unused_url, **settings) as service:
        assert_refused_and_then_answered(service.url)
        assert "Traceback" not in service.log.read_text()


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with serving(create_app(settings.model_copy(update={"max_in_flight": 2, "drain_seconds": 0.0}))) as url:
        yield url


def test_a_model_that_is_scored_on_the_loop_is_behind_the_same_door(url: str) -> None:
    assert_refused_and_then_answered(url)


def test_without_a_limit_the_same_crowd_keeps_nobody_out(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_in_flight": 10**6, "drain_seconds": 0.0}))
    with serving(app) as url, crowd(url, 2), Wire(url) as wire:
        for request, status in ((SINGLE, 200), (BATCH, 200), (EXPLANATION, 404)):
            assert wire.ask(request).status == status
            assert wire.ask(*halves(request)).status == status


def test_fewer_than_the_limit_keep_nobody_out(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_in_flight": 4, "drain_seconds": 0.0}))
    with serving(app) as url, crowd(url, 2), Wire(url) as wire:
        assert wire.ask(SINGLE).status == 200
        assert wire.ask(*halves(SINGLE)).status == 200


def test_bodies_that_do_not_come_keep_nobody_out(url: str) -> None:
    with Wire(url) as first, Wire(url) as second, Wire(url) as wire:
        for slow in (first, second):
            slow.send(build_request("/v1/feedback", FEEDBACK)[:-1])
        # What is asked after them is read after them: by now they wait for their bodies.
        assert wire.ask(get("/health/live")).status == 200
        for _ in range(3):
            assert wire.ask(SINGLE).status == 200
            assert wire.ask(*halves(SINGLE)).status == 200


def test_a_caller_who_wants_the_connection_closed_has_it_closed(url: str) -> None:
    closing = build_request("/v1/predictions", b'{"text": "late"}', "POST", "connection: close")
    with Wire(url) as wire:
        answer = wire.ask(closing)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert wire.is_closed(5)


@pytest.mark.parametrize("parts", [1, 2])
def test_so_has_one_who_is_refused(url: str, parts: int) -> None:
    closing = build_request("/v1/predictions", b'{"text": "late"}', "POST", "connection: close")
    with crowd(url, 2), Wire(url) as wire:
        assert wire.ask(*(halves(closing) if parts == 2 else [closing])).status == 503
        assert wire.is_closed(2)


def test_a_connection_that_falls_silent_is_closed_after_a_while(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_in_flight": 2, "drain_seconds": 0.0}))
    with serving(app, keep_alive_seconds=1) as url, Wire(url) as wire:
        assert wire.ask(SINGLE).status == 200
        assert not wire.is_closed(0.5)
        assert wire.is_closed(5)


def test_so_is_one_that_was_only_refused(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_in_flight": 2, "drain_seconds": 0.0}))
    with serving(app, keep_alive_seconds=1) as url, crowd(url, 2), Wire(url) as wire:
        assert wire.ask(SINGLE).status == 503
        assert wire.is_closed(4)


def test_the_rest_of_a_body_that_was_answered_early_is_not_refused_like_a_request(url: str) -> None:
    with Wire(url) as wire:
        head = SINGLE.partition(b"\r\n\r\n")[0].replace(b"application/json", b"text/plain")
        head = head.replace(b"content-length: 16", b"content-length: %d" % len(SINGLE))
        assert wire.ask(head + b"\r\n\r\n").status == 415
        with crowd(url, 2):
            with suppress(OSError):  # it may have hung up
                wire.send(SINGLE)
            assert wire.comes_more(0.5) == b""


def test_one_whole_prediction_is_told_from_anything_else() -> None:
    assert all(map(is_whole_prediction, (SINGLE, BATCH, EXPLANATION, SINGLE.replace(b"content-l", b"Content-L"))))
    others = [
        b"",
        SINGLE[:-1],
        SINGLE + b"P",
        SINGLE + SINGLE,
        SINGLE[1:],
        get("/v1/predictions"),
        build_request("/v1/feedback", FEEDBACK),
        SINGLE.replace(b"content-length: 16\r\n", b""),
        SINGLE.replace(b"content-length: 16", b"transfer-encoding: chunked"),
        SINGLE.replace(b"content-length: 16", b"content-length: 9999999999"),
    ]
    assert not any(map(is_whole_prediction, others))


def test_the_refusals_spread_those_who_come_back() -> None:
    refusals = list(islice(build_refusals(), 100))
    assert {line for refusal in refusals for line in refusal.split(b"\r\n") if line.lower().startswith(b"retry")} == {
        b"retry-after: 1",
        b"retry-after: 2",
        b"retry-after: 3",
    }
    for refusal in refusals:
        head, _, body = refusal.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert f"content-length: {len(body)}".encode() in head
