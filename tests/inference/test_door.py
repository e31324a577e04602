"""The short way in: the same answers as by the long one, which takes whatever is not plainly right."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from inference import body as long_way
from inference.app import create_app
from inference.schemas import BatchAnswer, PredictionAnswer
from inference.settings import Settings
from tests.inference.running import Answer, Wire, build_request, serving

Make = Callable[..., Path]

SINGLE, BATCH = "/v1/predictions", "/v1/predictions/batch"
# Nothing is wrong with this header; the door does not know it.
DOUBTFUL = "x-doubtful: 1"
LATE = b'{"text": "late"}'
TEXTS = ["late", "thanks", "fine", 'lost \u202e \U0001f600 \\ " \n\t\x01 <b>', "\u200b", "late " * 200]
LABELS = [("negative", "positive"), ("negative", "neutral", "positive")]


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that went the long way."""
    paths: list[str] = []
    require_json = long_way.require_json

    def note(request: Request) -> None:
        paths.append(request.url.path)
        require_json(request)

    monkeypatch.setattr(long_way, "require_json", note)
    return paths


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings.model_copy(update={"drain_seconds": 0.0}))


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    with Wire(url) as wire:
        yield wire


@pytest.fixture(params=LABELS, ids=["two labels", "three labels"])
def labels(request: pytest.FixtureRequest, settings: Settings, make_bundle: Make) -> tuple[str, ...]:
    settings.__dict__["bundle"] = make_bundle(labels=request.param)
    return request.param  # type: ignore[no-any-return]


def as_json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def without_ids(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    body, count = re.subn(rb'"prediction_id":"[0-9a-f-]{36}"', b'"prediction_id":""', answer.body)
    assert count == 1
    return (
        answer.status,
        body,
        {name: answer.headers[name] for name in answer.headers if name not in ("date", "x-request-id")},
    )


def test_a_text_is_answered_alike_both_ways(labels: tuple[str, ...], wire: Wire, long_ways: list[str]) -> None:
    for text in TEXTS:
        long_ways.clear()
        body = as_json({"text": text})
        short = wire.ask(build_request(SINGLE, body))
        assert (short.status, long_ways) == (200, [])
        long = wire.ask(build_request(SINGLE, body, "POST", DOUBTFUL))
        assert long_ways == [SINGLE]
        assert without_ids(short) == without_ids(long)
        assert short.headers.keys() == long.headers.keys()
    kept = json.loads(wire.ask(build_request(SINGLE, b"", "GET")).body)["items"]
    assert [item["text"] for item in kept] == [text for text in TEXTS for _ in range(2)]
    assert list(kept[0]["probabilities"]) == list(labels)


def test_an_answer_is_what_the_contract_says(labels: tuple[str, ...], wire: Wire) -> None:
    for more in ([], [DOUBTFUL]):
        assert_valid(PredictionAnswer, wire.ask(build_request(SINGLE, LATE, "POST", *more)).body)
    assert_valid(BatchAnswer, wire.ask(build_request(BATCH, as_json({"texts": TEXTS}))).body)


def assert_valid(model: type[BaseModel], content: bytes) -> None:
    """Of the right types, with nothing missing and nothing more."""
    answer = model.model_validate_json(content, strict=True)
    assert json.loads(answer.model_dump_json()) == json.loads(content)


def test_a_caller_s_own_id_is_kept_and_a_bad_one_is_not_repeated(wire: Wire, long_ways: list[str]) -> None:
    for more in ([], [DOUBTFUL]):
        kept = wire.ask(build_request(SINGLE, LATE, "POST", "x-request-id: mine-7", *more))
        assert kept.headers["x-request-id"] == "mine-7"
        replaced = wire.ask(build_request(SINGLE, LATE, "POST", "x-request-id: c4n4ry level=ERROR", *more))
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", replaced.headers["x-request-id"])
    assert long_ways == [SINGLE, SINGLE]


ORDINARY = [
    [],
    ["user-agent: curl/8", "accept: */*", "accept-encoding: gzip, br", "connection: keep-alive"],
    ["Authorization: Bearer c4n4ry", "X-Api-Key: c4n4ry", "Cookie: a=b; c=d"],
    ["x-forwarded-for: 10.0.0.1, 10.0.0.2", "x-forwarded-proto: https", "Via: 1.1 edge", "x-real-ip: 10.0.0.1"],
    ["Connection: Keep-Alive", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
]


def test_what_ordinary_callers_send_goes_the_short_way(wire: Wire, long_ways: list[str]) -> None:
    for headers in ORDINARY * 2:
        assert wire.ask(build_request(SINGLE, LATE, "POST", *headers)).status == 200
        assert long_ways == [], headers


def request_of(*headers: str, body: bytes = LATE, path: str = SINGLE) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "host: x", *headers, "", ""]).encode("latin-1") + body


TYPE, LENGTH = "content-type: application/json", f"content-length: {len(LATE)}"
CHUNKED = b'9\r\n{"text": \r\n7\r\n"late"}\r\n0\r\n\r\n'


DOUBTFULS = [
    (request_of(f"{TYPE}; charset=utf-8", LENGTH), 200),
    (request_of(TYPE.upper(), LENGTH), 200),
    (request_of(TYPE, LENGTH, "content-encoding: identity"), 200),
    (request_of(TYPE, LENGTH, "x-twice: 1", "x-twice: 2"), 200),
    (request_of(TYPE, LENGTH, "accept: */*", "accept: text/html"), 200),
    (request_of(TYPE, LENGTH, "cookie: \xe9"), 200),
    (request_of(TYPE, LENGTH, "connection: close"), 200),
    (request_of(TYPE, LENGTH, path=f"{SINGLE}?a=b"), 200),
    (request_of(TYPE, "transfer-encoding: chunked", body=CHUNKED), 200),
    (request_of(TYPE, "content-length: 016"), 200),
    (request_of("content-type: text/plain", LENGTH), 415),
    (request_of(LENGTH), 415),
    (request_of(TYPE, LENGTH, "content-encoding: gzip"), 415),
    (build_request(SINGLE, LATE.ljust(16 * 1024 + 1)), 413),
    (build_request(SINGLE, as_json({"text": "x" * 1001})), 422),
    (build_request(SINGLE, as_json({"text": "late", "more": 1})), 422),
    (build_request(SINGLE, as_json({"text": " \n "})), 422),
    (build_request(SINGLE, as_json({"text": "\0"})), 422),
    (build_request(SINGLE, as_json({"texts": ["late"]})), 422),
    (build_request(SINGLE, b'{"text": "\\ud800"}'), 400),
    (build_request(SINGLE, b'{"text": "late \xff"}'), 400),
    (build_request(SINGLE, LATE + b" trailing"), 400),
    (build_request(SINGLE, b""), 400),
]
BROKEN = [
    request_of(TYPE, LENGTH, LENGTH),
    request_of(TYPE, LENGTH, "content-length: 5"),
    request_of(TYPE, LENGTH, "transfer-encoding: chunked"),
    request_of(TYPE, "content-length: -1"),
    request_of(TYPE, "content-length: 1e1"),
    request_of(TYPE, "content-length : 16"),
    request_of(TYPE, LENGTH, "broken"),
    request_of(TYPE, LENGTH, "x-a: b\0"),
    request_of(TYPE, LENGTH, "x-a: b\n c"),
]


def test_what_is_doubtful_goes_the_long_way_and_gets_its_status(url: str, long_ways: list[str]) -> None:
    for request, status in DOUBTFULS:
        long_ways.clear()
        with Wire(url) as wire:
            answer = wire.ask(request)
        assert (answer.status, long_ways) == (status, [SINGLE]), request
        expected = "application/json" if status == 200 else "application/problem+json"
        assert answer.headers["content-type"] == expected


def test_what_is_no_plain_http_is_refused_as_a_whole(url: str, long_ways: list[str]) -> None:
    for request in BROKEN:
        with Wire(url) as wire:
            assert wire.ask(request).status == 400, request
    assert long_ways == []


def test_one_that_comes_in_two_pieces_is_answered_the_same(wire: Wire) -> None:
    request = build_request(SINGLE, LATE)
    for cut in (1, 20, 60, -20, -16, -5, -1):
        answer = wire.ask(request[:cut], request[cut:])
        assert (answer.status, json.loads(answer.body)["label"]) == (200, "negative"), cut


def test_requests_sent_without_a_pause_are_answered_each_in_its_turn(wire: Wire) -> None:
    words = ["late", "thanks", "lost", "great"] * 5
    sent = [
        build_request(SINGLE, as_json({"text": word}), "POST", *([DOUBTFUL] * (n % 3 == 0)))
        for n, word in enumerate(words)
    ]
    wire.send(b"".join(sent[:7]))
    wire.send(*sent[7:])
    labels = [json.loads(wire.read().body)["label"] for _ in words]
    assert labels == ["negative", "positive"] * 10


def test_a_deployment_s_own_limit_holds_the_short_way_too(settings: Settings, long_ways: list[str]) -> None:
    app = create_app(settings.model_copy(update={"drain_seconds": 0.0, "text_max_characters": 5}))
    with serving(app) as url, Wire(url) as wire:
        assert wire.ask(build_request(SINGLE, as_json({"text": "late!"}))).status == 200
        # Five as people see them, ten to a computer.
        assert wire.ask(build_request(SINGLE, as_json({"text": "e\u0301" * 5}))).status == 200
        assert long_ways == []
        assert wire.ask(build_request(SINGLE, as_json({"text": "late!!"}))).status == 422
    assert long_ways == [SINGLE]


def test_where_a_quota_is_set_everything_goes_the_long_way(settings: Settings, long_ways: list[str]) -> None:
    quota = {"drain_seconds": 0.0, "quota_per_second": 0.001, "quota_burst": 2}
    with serving(create_app(settings.model_copy(update=quota))) as url, Wire(url) as wire:
        statuses = [wire.ask(build_request(SINGLE, LATE)).status for _ in range(3)]
    assert (statuses, long_ways) == ([200, 200, 429], [SINGLE, SINGLE])


def test_without_a_model_it_is_503_both_ways(settings: Settings, long_ways: list[str]) -> None:
    app = create_app(settings.model_copy(update={"drain_seconds": 0.0, "bundle": None}))
    with serving(app) as url, Wire(url) as wire:
        for more in ([], [DOUBTFUL]):
            answer = wire.ask(build_request(SINGLE, LATE, "POST", *more))
            assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
            assert answer.headers["retry-after"] in ("1", "2", "3")
    assert long_ways == [SINGLE]
