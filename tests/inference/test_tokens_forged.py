"""Claims and signatures: only what the provider signed, for us, and now, opens anything."""

import json
import time
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from inference.access.tokens import Tokens
from tests.inference.issuing import (
    AUDIENCE,
    OTHER_RSA_KEY,
    RSA_KEY,
    Issuer,
    as_jwk,
    forge,
    issuing,
    public_pem,
    tokens_of,
    verify,
)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return tokens_of(issuer)


# --- claims and signatures


def test_scopes_are_words_or_a_list_of_the_claim_that_is_set(issuer: Issuer) -> None:
    given = (
        "predict read",
        ["admin", "feedback"],
        "",
        [],
        "all Predict predict,read",
        [1, None, ["predict"]],
        7,
        {"predict": 1},
    )
    roles = tokens_of(issuer, "roles")
    found = verify(roles, *(issuer.sign(roles=each) for each in given))
    assert found == [{"predict", "read"}, {"admin", "feedback"}, *([set()] * 6)]
    assert verify(roles, issuer.sign(), issuer.sign(roles="read")) == [set(), {"read"}]


def test_the_clocks_of_two_machines_may_differ_by_a_minute(tokens: Tokens, issuer: Issuer) -> None:
    now = int(time.time())
    good = [issuer.sign(exp=now - 50), issuer.sign(nbf=now + 50, iat=now + 50), issuer.sign(aud=["other", AUDIENCE])]
    assert verify(tokens, *good) == [{"predict"}] * 3
    bad = [issuer.sign(exp=now - 70), issuer.sign(nbf=now + 70), issuer.sign(iat=now + 70)]
    assert verify(tokens, *bad) == [None] * 3


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [AUDIENCE, 7]},
        {"aud": None},
        {"aud": {AUDIENCE: 1}},
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": [1]},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"nbf": {}},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_closes(tokens: Tokens, issuer: Issuer, changes: dict[str, object]) -> None:
    payload = json.dumps(issuer.claims(**changes)).encode()
    assert verify(tokens, jwt.api_jws.encode(payload, RSA_KEY, "RS256", headers={"kid": "one"})) == [None]


def test_an_issuer_is_another_where_a_slash_is(tokens: Tokens, issuer: Issuer) -> None:
    assert verify(tokens, issuer.sign(iss=f"{issuer.url}/"), issuer.sign()) == [None, {"predict"}]


def test_every_kind_of_key_pair_signs_and_no_secret_does(tokens: Tokens, issuer: Issuer) -> None:
    curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    # Told of in public, as a careless provider might.
    secret = b"a secret that everybody can read, and long enough"
    issuer.keys = [
        as_jwk(RSA_KEY, "rsa"),
        as_jwk(RSA_KEY, "pss", alg="PS256"),
        as_jwk(curve, "curve"),
        as_jwk(edwards, "edwards"),
        as_jwk(RSA_KEY, "encrypts", use="enc"),
        {"kty": "oct", "kid": "secret", "k": "YSBzZWNyZXQgdGhhdCBldmVyeWJvZHkgY2FuIHJlYWQsIGFuZCBsb25nIGVub3VnaA"},
        {"kty": "unheard of", "kid": "new"},
    ]
    good = [
        issuer.sign(RSA_KEY, "RS256", "rsa"),
        issuer.sign(RSA_KEY, "PS256", "pss"),
        issuer.sign(curve, "ES256", "curve"),
        issuer.sign(edwards, "EdDSA", "edwards"),
    ]
    bad = [
        issuer.sign(RSA_KEY, "RS256", "encrypts"),
        issuer.sign(RSA_KEY, "RS512", "rsa"),
        issuer.sign(RSA_KEY, "RS256", "curve"),
        issuer.sign(RSA_KEY, "RS256", "new"),
        issuer.sign(RSA_KEY, "RS256", None),
        forge({"alg": "HS256", "kid": "secret"}, issuer.claims(), secret),
        forge({"alg": "HS256", "kid": "rsa"}, issuer.claims(), public_pem()),
        forge({"alg": "hs256", "kid": "rsa"}, issuer.claims(), public_pem()),
        forge({"alg": "none", "kid": "rsa"}, issuer.claims()),
        forge({"alg": "None"}, issuer.claims()),
        forge({"kid": "rsa"}, issuer.claims()),
    ]
    assert verify(tokens, *good) == [{"predict"}] * 4
    assert verify(tokens, *bad) == [None] * len(bad)


def test_a_key_that_is_too_short_to_be_trusted_signs_nothing(tokens: Tokens, issuer: Issuer) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    issuer.keys = [as_jwk(short, "one")]
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = issuer.sign(short)
    assert verify(tokens, token) == [None]


def test_without_a_kid_the_only_key_is_meant_and_of_several_none(tokens: Tokens, issuer: Issuer) -> None:
    assert verify(tokens, issuer.sign(kid=None), issuer.sign(OTHER_RSA_KEY, kid=None)) == [{"predict"}, None]
    issuer.keys = [as_jwk(RSA_KEY, "one"), as_jwk(OTHER_RSA_KEY, "two")]
    assert verify(tokens_of(issuer), issuer.sign(kid=None)) == [None]


def test_a_key_that_comes_with_the_token_is_not_looked_at(tokens: Tokens, issuer: Issuer) -> None:
    own = {"kid": "one", "jwk": as_jwk(OTHER_RSA_KEY, "one"), "jku": f"{issuer.url}/evil", "x5u": f"{issuer.url}/evil"}
    token = jwt.encode(issuer.claims(), OTHER_RSA_KEY, "RS256", headers=own)
    critical = jwt.encode(issuer.claims(), RSA_KEY, "RS256", headers={"kid": "one", "crit": ["unheard-of"]})
    assert verify(tokens, token, critical) == [None, None]
    assert not [path for path in issuer.asked if "evil" in path]


@pytest.mark.parametrize(
    "token",
    [
        "..",
        "a.b.c",
        "....",
        "e30.e30.",
        forge([], {}),
        forge({"alg": ["RS256"], "kid": "one"}, {}),
        forge({"alg": {"RS256": 1}}, {}),
        forge({"alg": "RS256", "kid": 7}, {}),
        forge({"alg": "RS256", "kid": ["one"]}, {}),
        forge({"alg": "RS256", "kid": "\ud800"}, {}),
        forge({"alg": "RS256", "kid": "one", "b64": False, "crit": ["b64"]}, {}),
        forge(b"[" * 10_000, {}),
        forge(b'{"alg": "RS256", "kid": ' + b"[" * 10_000, {}),
        forge(b"\xff\xfe", b"\xff"),
        "\udcff.\udcff.\udcff",
        "=" * 4000 + ".." + "=" * 4000,
    ],
    ids=lambda token: token[:20].encode("ascii", "replace").decode(),
)
def test_what_is_hardly_a_token_is_refused(tokens: Tokens, issuer: Issuer, token: str) -> None:
    assert verify(tokens, token) == [None]
    assert len(issuer.asked) <= 2, "once for what might be one"
