"""The provider of tokens away, slow, wrong, or with new keys: it is asked seldom, and nobody waits who need not."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference.access.provider import ANSWER_LIMIT_BYTES, Provider, ProviderFailed
from inference.access.signing_keys import (
    AFTER_FAILURE_SECONDS,
    AGAIN_SECONDS,
    FRESH_SECONDS,
    STALE_SECONDS,
    SigningKeys,
)
from inference.errors import ProviderAway
from tests.inference.issuing import (
    AUDIENCE,
    DISCOVERY,
    KEYS,
    OTHER_RSA_KEY,
    RSA_KEY,
    Issuer,
    as_jwk,
    issuing,
)
from tests.inference.keyed import KeyRing

StartApp = Callable[..., AbstractContextManager[TestClient]]

SINGLE = "/v1/predictions"


class Clock:
    """In place of the module `time` of signing_keys.py."""

    now = 100_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("inference.access.signing_keys.time", clock)
    return clock


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


def is_known(keys: SigningKeys, *kids: str | None) -> Coroutine[None, None, list[bool]]:
    async def run() -> list[bool]:
        return [await keys.find(kid) is not None for kid in kids]

    return run()


# --- when it is asked


def test_keys_that_are_made_up_are_asked_for_twice_a_minute_at_most(issuer: Issuer, clock: Clock) -> None:
    async def run() -> None:
        keys = SigningKeys(Provider(issuer.url))
        assert await is_known(keys, "one", *map(str, range(100))) == [True] + [False] * 100
        assert issuer.asked.count(KEYS) == 1
        clock.now += AGAIN_SECONDS + 1
        assert await is_known(keys, *map(str, range(100))) == [False] * 100
        assert issuer.asked.count(KEYS) == 2

    asyncio.run(run())


def test_a_crowd_of_tokens_at_the_start_asks_once(issuer: Issuer) -> None:
    async def run() -> None:
        keys = SigningKeys(Provider(issuer.url))
        found = await asyncio.gather(*(keys.find("one") for _ in range(50)))
        assert all(found)

    asyncio.run(run())
    assert issuer.asked == [DISCOVERY, KEYS]


def test_a_new_key_is_found_and_one_that_was_taken_back_is_forgotten(issuer: Issuer, clock: Clock) -> None:
    async def run() -> None:
        keys = SigningKeys(Provider(issuer.url))
        assert await is_known(keys, "one") == [True]
        issuer.keys = [as_jwk(OTHER_RSA_KEY, "two")]
        clock.now += AGAIN_SECONDS + 1
        assert await is_known(keys, "two", "one") == [True, False]
        issuer.keys = [as_jwk(RSA_KEY, "three")]
        clock.now += FRESH_SECONDS + 1
        # Known, it is answered at once; meanwhile they are fetched.
        assert await is_known(keys, "two") == [True]
        assert await is_known(keys, "three", "two") == [True, False]

    asyncio.run(run())


def test_while_it_is_away_known_keys_go_on_for_an_hour_and_unknown_ones_hear_so(issuer: Issuer, clock: Clock) -> None:
    async def run() -> None:
        keys = SigningKeys(Provider(issuer.url))
        assert await is_known(keys, "one") == [True]
        issuer.answers[KEYS] = lambda: 500
        clock.now += FRESH_SECONDS + 1
        assert await is_known(keys, "one") == [True]
        with pytest.raises(ProviderAway):
            await keys.find("two")
        asked = len(issuer.asked)
        for _ in range(50):
            with pytest.raises(ProviderAway):
                await keys.find("two")
        assert len(issuer.asked) == asked
        clock.now += AFTER_FAILURE_SECONDS + 1
        with pytest.raises(ProviderAway):
            await keys.find("two")
        assert len(issuer.asked) == asked + 2
        clock.now += STALE_SECONDS
        with pytest.raises(ProviderAway):
            await keys.find("one")
        del issuer.answers[KEYS]
        clock.now += AFTER_FAILURE_SECONDS + 1
        assert await is_known(keys, "one", "two") == [True, False]

    asyncio.run(run())


def test_whoever_hangs_up_does_not_end_the_fetch_for_the_others(issuer: Issuer) -> None:
    def slowly() -> bytes:
        time.sleep(0.3)
        return json.dumps({"keys": issuer.keys}).encode()

    async def run() -> None:
        keys = SigningKeys(Provider(issuer.url))
        first, second = (asyncio.create_task(keys.find("one")) for _ in range(2))
        await asyncio.sleep(0.1)
        first.cancel()
        assert await second is not None

    issuer.answers[KEYS] = slowly
    asyncio.run(run())


# --- what it answers


def fails(issuer: Issuer, words: str) -> None:
    with pytest.raises(ProviderFailed, match=words):
        Provider(issuer.url).fetch_keys()


def test_keys_come_from_the_address_that_is_set_and_from_nowhere_else(issuer: Issuer) -> None:
    assert [key.key_id for key in Provider(issuer.url, issuer.url + KEYS).fetch_keys()] == ["one"]
    assert issuer.asked == [KEYS]
    for path in (DISCOVERY, KEYS):
        issuer.answers = {path: lambda: 302}
        fails(issuer, "answers 302")
    assert "/elsewhere" not in issuer.asked


@pytest.mark.parametrize(
    "keys_at",
    ["http://example.org/keys", "file:///etc/passwd", "", "//127.0.0.1/keys", "http://127.0.0.1@example.org/"],
)
def test_an_address_of_keys_that_is_not_safe_is_not_gone_to(issuer: Issuer, keys_at: str) -> None:
    issuer.answers[DISCOVERY] = lambda: json.dumps({"issuer": issuer.url, "jwks_uri": keys_at}).encode()
    fails(issuer, "does not say where the keys are")


def test_the_description_of_another_issuer_is_refused(issuer: Issuer) -> None:
    described = {"issuer": f"{issuer.url}/", "jwks_uri": issuer.url + KEYS}
    issuer.answers[DISCOVERY] = lambda: json.dumps(described).encode()
    fails(issuer, "is of another issuer")
    # With the slash in the setting it is that one, at the same address.
    assert Provider(f"{issuer.url}/").fetch_keys()


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"7", b"\xff", b"{}", b'{"keys": []}', b'{"keys": 7}', b'{"keys": [7]}', b"[" * 100_000],
    ids=lambda content: content[:12].decode("ascii", "replace"),
)
def test_what_holds_no_keys_is_as_good_as_no_answer(issuer: Issuer, content: bytes) -> None:
    for path in (KEYS, DISCOVERY):
        issuer.answers = {path: lambda: content}
        fails(issuer, "no usable keys|does not say where")


def test_an_answer_without_end_and_one_that_never_comes_are_cut_off(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.answers[KEYS] = lambda: b" " * (ANSWER_LIMIT_BYTES + 1)
    fails(issuer, "too much, or too slowly")
    monkeypatch.setattr("inference.access.provider.TIMEOUTS_SECONDS", (0.5, 0.5))
    issuer.answers[KEYS] = lambda: time.sleep(1) or b"{}"  # type: ignore[func-returns-value]
    fails(issuer, "does not answer")
    with pytest.raises(ProviderFailed, match="does not answer"):
        Provider("http://127.0.0.1:9").fetch_keys()


# --- over HTTP


def test_while_it_is_silent_tokens_are_503_keys_are_answered_and_nobody_else_waits(
    start_app: StartApp, issuer: Issuer, tmp_path: Path
) -> None:
    ring = KeyRing(tmp_path / "api-keys")
    key = ring.add("page")
    issuer.answers[DISCOVERY] = lambda: time.sleep(0.5) or 500  # type: ignore[func-returns-value]
    guarded = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "api_keys_file": ring.path}
    with start_app(**guarded) as client:
        for number in range(30):
            token = issuer.sign(sub=f"anna-{number}")
            answer = client.post(SINGLE, json={"text": "late"}, headers={"authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            assert answer.headers["retry-after"] in ("1", "2", "3")
            assert client.post(SINGLE, json={"text": "late"}, headers={"x-api-key": key}).status_code == 200
        # It is not held against them.
        assert client.get(SINGLE).status_code == 401
    assert issuer.asked == [DISCOVERY]
