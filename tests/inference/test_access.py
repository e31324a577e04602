"""Who may ask what, by the short way and the long one, whatever they send to say who they are."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from inference import body as long_way
from inference.access.key_file import LOOK_SECONDS
from inference.access.keys import make_key
from inference.settings import Settings
from tests.inference.keyed import LATE, SINGLE, KeyRing, add_one_of_each, in_days, predict, wired
from tests.inference.running import Answer, build_request

StartApp = Callable[..., AbstractContextManager[TestClient]]

# Nothing is wrong with this header; the door does not know it.
DOUBTFUL = "x-doubtful: 1"
WAYS = pytest.mark.parametrize("way", [[], [DOUBTFUL]], ids=["short way", "long way"])


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    ring = KeyRing(tmp_path / "api-keys")
    ring.write([])
    return ring


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that were let in the long way."""
    paths: list[str] = []
    require_json = long_way.require_json

    def note(request: Request) -> None:
        paths.append(request.url.path)
        require_json(request)

    monkeypatch.setattr(long_way, "require_json", note)
    return paths


def assert_refused(answer: Answer, *sent: str) -> None:
    assert answer.status == 401
    assert (answer.headers["www-authenticate"], answer.headers["content-type"]) == (
        "Bearer",
        "application/problem+json",
    )
    assert json.loads(answer.body)["status"] == 401
    for each in sent:
        assert each not in answer.body.decode() + str(answer.headers)


# --- both ways


@WAYS
def test_a_valid_key_is_answered_in_either_header(
    settings: Settings, ring: KeyRing, long_ways: list[str], way: list[str]
) -> None:
    key = ring.add("page")
    with wired(settings, api_keys_file=ring.path) as wire:
        for header in (f"Authorization: Bearer {key}", f"authorization: bearer   {key}", f"X-API-Key: {key}"):
            assert predict(wire, header, *way).status == 200
        # The same one twice is one.
        assert predict(wire, f"Authorization: Bearer {key}", f"X-API-Key: {key}", *way).status == 200
    assert long_ways == ([SINGLE] * 4 if way else [])


@WAYS
def test_what_is_missing_wrong_expired_or_revoked_is_401_in_the_same_words(
    settings: Settings, ring: KeyRing, long_ways: list[str], way: list[str]
) -> None:
    key, expired, revoked = ring.add("page"), ring.add("old", until=in_days(-1)), ring.add("gone")
    ring.revoke("gone")
    none = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6InByZWRpY3QifQ."
    bodies = set()
    with wired(settings, api_keys_file=ring.path) as wire:
        for sent in (make_key(), expired, revoked, none, key[:-1], f"{key}x", key.upper(), key.split("_", 2)[2], "ts_"):
            for header in (f"Authorization: Bearer {sent}", f"X-API-Key: {sent}"):
                answer = predict(wire, header, *way)
                assert_refused(answer, sent)
                bodies.add(answer.body)
    assert (len(bodies), long_ways) == (1, [])


@WAYS
def test_what_is_no_credential_at_all_is_401_too(
    settings: Settings, ring: KeyRing, long_ways: list[str], way: list[str]
) -> None:
    key = ring.add("page")
    odd = [
        (),
        ("authorization:",),
        ("authorization: Bearer",),
        ("authorization: Bearer ",),
        ("x-api-key:",),
        (f"authorization: Basic {key}",),
        (f"authorization: {key}",),
        (f"cookie: key={key}",),
        # One that is wrong is not helped by another.
        (f"authorization: Bearer {key}", "x-api-key: other"),
        ("authorization: Bearer other", f"x-api-key: {key}"),
        (f"x-api-key: {key}", "x-api-key: other"),
        (f"authorization: Bearer {key}", "authorization: Bearer other"),
        (f"authorization: Bearer {key}, Bearer {key}",),
    ]
    with wired(settings, api_keys_file=ring.path) as wire:
        for headers in odd:
            assert_refused(predict(wire, *headers, *way))
    assert long_ways == []


def test_bytes_that_are_no_text_and_a_header_without_end_are_no_fault(settings: Settings, ring: KeyRing) -> None:
    ring.add("page")
    start = build_request(SINGLE, LATE)[: -len(LATE) - 2]
    with wired(settings, api_keys_file=ring.path) as wire:
        for value in (b"\xff\xfe", b"\xc3\xa9" * 20, b"ts_\xf0\x9f\x98\x80", b"\x80" * 1000, b"x" * 100_000):
            for name in (b"x-api-key: ", b"authorization: Bearer "):
                assert_refused(wire.ask(start + name + value + b"\r\n\r\n" + LATE))


@WAYS
def test_a_key_without_the_scope_is_403_and_hears_which(settings: Settings, ring: KeyRing, way: list[str]) -> None:
    keys = add_one_of_each(ring)
    with wired(settings, api_keys_file=ring.path) as wire:
        for scope, key in keys.items():
            answer = predict(wire, f"X-API-Key: {key}", *way)
            if scope == "predict":
                assert answer.status == 200
                continue
            assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
            assert "the scope predict," in json.loads(answer.body)["detail"]
            assert key not in answer.body.decode()


@WAYS
def test_keys_change_while_the_service_runs_and_two_of_one_name_live_side_by_side(
    settings: Settings, ring: KeyRing, way: list[str]
) -> None:
    old = ring.add("page")
    with wired(settings, api_keys_file=ring.path) as wire:
        new = ring.add("page")
        time.sleep(LOOK_SECONDS + 0.1)
        assert [predict(wire, f"X-API-Key: {key}", *way).status for key in (old, new)] == [200, 200]
        ring.write(ring.lines[1:])
        time.sleep(LOOK_SECONDS + 0.1)
        assert [predict(wire, f"X-API-Key: {key}", *way).status for key in (old, new)] == [401, 200]


def test_an_end_comes_while_the_service_runs(settings: Settings, ring: KeyRing) -> None:
    key = ring.add("page", until=in_days(1.5 / 86400))
    with wired(settings, api_keys_file=ring.path) as wire:
        assert predict(wire, f"X-API-Key: {key}").status == 200
        time.sleep(2)
        assert_refused(predict(wire, f"X-API-Key: {key}"))


def test_the_first_key_closes_a_running_service_and_the_last_one_leaves_it_closed(
    settings: Settings, ring: KeyRing
) -> None:
    with wired(settings, api_keys_file=ring.path) as wire:
        assert predict(wire).status == 200
        key = ring.add("page")
        time.sleep(LOOK_SECONDS + 0.1)
        assert [predict(wire).status, predict(wire, f"X-API-Key: {key}").status] == [401, 200]
        ring.write([])
        time.sleep(LOOK_SECONDS + 0.1)
        assert [predict(wire).status, predict(wire, f"X-API-Key: {key}").status] == [401, 401]
