"""Tokens of a provider: those that it signs for us, and now, are let in; none that is forged, or for others."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from inference.access.tokens import MOST_KNOWN, Tokens
from inference.app import create_app
from inference.settings import Settings
from tests.inference.issuing import (
    AUDIENCE,
    KEYS,
    OTHER_RSA_KEY,
    Issuer,
    fetch_token,
    forge,
    issuing,
    public_pem,
    real_provider,
    tokens_of,
    verify,
)
from tests.inference.keyed import KeyRing
from tests.inference.running import Answer, Wire, build_request, serving

StartApp = Callable[..., AbstractContextManager[TestClient]]

SINGLE = "/v1/predictions"
LATE = b'{"text": "late"}'
DOUBTFUL = "x-doubtful: 1"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "api-keys")


@pytest.fixture
def app(settings: Settings, issuer: Issuer, ring: KeyRing) -> FastAPI:
    ring.write([])
    guarded = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "api_keys_file": ring.path, "drain_seconds": 0.0}
    return create_app(settings.model_copy(update=guarded))


@pytest.fixture
def wire(app: FastAPI) -> Iterator[Wire]:
    with serving(app) as url, Wire(url) as wire:
        yield wire


def predict(wire: Wire, token: str, *more: str) -> Answer:
    return wire.ask(build_request(SINGLE, LATE, "POST", f"authorization: Bearer {token}", *more))


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return tokens_of(issuer)


# --- a real provider


def test_a_real_provider_s_token_opens_what_its_claim_says(start_app: StartApp, unused_url: str) -> None:
    port = int(unused_url.rpartition(":")[2])
    users = (
        {"sub": "anna", "scp": "predict read openid"},
        {"sub": "ben", "scp": ["feedback"]},
        {"sub": "carla"},
    )
    with real_provider(port, *users) as url:
        anna, ben, carla = (fetch_token(url, str(user["sub"])) for user in users)
        elsewhere = fetch_token(url, "anna", "another-client")
        guarded = {"oidc_issuer": url, "oidc_audience": AUDIENCE, "oidc_scope_claim": "scp"}
        with start_app(**guarded) as client:

            def ask(method: str, path: str, token: str) -> int:
                headers = {"authorization": f"Bearer {token}"}
                return client.request(method, path, json={"text": "late"}, headers=headers).status_code

            assert [ask("POST", SINGLE, each) for each in (anna, ben, carla, elsewhere)] == [200, 403, 403, 401]
            assert [ask("GET", SINGLE, each) for each in (anna, ben, carla, elsewhere)] == [200, 403, 403, 401]
            assert ask("GET", "/v1/review-queue", ben) == 200
            # A token is no key.
            assert client.get(SINGLE, headers={"x-api-key": anna}).status_code == 401


# --- both ways


def test_a_token_is_checked_once_and_then_goes_the_short_way(
    wire: Wire, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    decode = jwt.decode
    monkeypatch.setattr(
        "inference.access.tokens.jwt.decode", lambda *given, **named: checked.append(given) or decode(*given, **named)
    )
    token = issuer.sign()
    assert [predict(wire, token, *way).status for way in ([], [], [DOUBTFUL], [])] == [200] * 4
    assert len(checked) == 1
    assert predict(wire, issuer.sign(scope="read")).status == 403
    assert issuer.asked.count(KEYS) == 1


def test_one_that_has_expired_is_forgotten(tokens: Tokens, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    token = issuer.sign(exp=int(time.time()) + 30)
    assert verify(tokens, token) == [{"predict"}]
    digest = next(iter(tokens._known))
    assert tokens.recall(digest) is not None
    now = time.time()
    monkeypatch.setattr("inference.access.tokens.time.time", lambda: now + 31)
    assert tokens.recall(digest) is None


def test_no_more_are_remembered_than_there_is_room_for(tokens: Tokens, issuer: Issuer) -> None:
    verify(tokens, issuer.sign())
    [(first, (caller, until))] = tokens._known.items()
    for number in range(MOST_KNOWN):
        tokens._remember(number.to_bytes(32), caller, until)
    assert len(tokens._known) == MOST_KNOWN
    assert tokens.recall(first) is None


@pytest.mark.parametrize("way", [[], [DOUBTFUL]], ids=["short way", "long way"])
def test_what_is_forged_is_401_and_a_key_goes_on(wire: Wire, issuer: Issuer, ring: KeyRing, way: list[str]) -> None:
    for token in (
        forge({"alg": "none", "kid": "one"}, issuer.claims()),
        forge({"alg": "HS256", "kid": "one"}, issuer.claims(), public_pem()),
        issuer.sign(OTHER_RSA_KEY),
        issuer.sign()[:-4],
    ):
        answer = predict(wire, token, *way)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert token not in answer.body.decode()
    key = ring.add("page")
    time.sleep(1.1)
    assert predict(wire, key, *way).status == 200
