"""Providers of tokens: a real one in a process of its own, and one that does whatever a test says."""

import asyncio
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from inference.access.tokens import Tokens, build_tokens
from inference.settings import Settings

AUDIENCE = "tweet-sentiment"
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Claims = Mapping[str, object]

RSA_KEY, OTHER_RSA_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def as_jwk(key: PrivateKey, kid: str | None, **more: str) -> dict[str, object]:
    kinds = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
    algorithm = next((kinds[kind] for kind in kinds if isinstance(key, kind)), OKPAlgorithm)
    described: dict[str, object] = algorithm.to_jwk(key.public_key(), as_dict=True)  # type: ignore[arg-type]
    return described | more | ({} if kid is None else {"kid": kid})


@dataclass
class Issuer:
    """What it answers may be changed at any time; what it was asked is counted."""

    url: str
    keys: list[Mapping[str, object]] = field(default_factory=lambda: [as_jwk(RSA_KEY, "one")])
    answers: dict[str, Callable[[], bytes | int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> bytes | int:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]()
        match path:
            case "/.well-known/openid-configuration":
                return json.dumps({"issuer": self.url, "jwks_uri": self.url + KEYS}).encode()
            case "/keys":
                return json.dumps({"keys": self.keys}).encode()
        return 404

    def claims(self, **changes: object) -> dict[str, object]:
        """None leaves one out."""
        now = int(time.time())
        whole = {"iss": self.url, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 600, "scope": "predict"}
        return {name: value for name, value in (whole | changes).items() if value is not None}

    def sign(
        self, key: PrivateKey = RSA_KEY, algorithm: str = "RS256", kid: str | None = "one", **changes: object
    ) -> str:
        return jwt.encode(self.claims(**changes), key, algorithm, headers={} if kid is None else {"kid": kid})


@contextmanager
def issuing() -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = issuer.answer(self.path)
            self.send_response(given if isinstance(given, int) else 200)
            if given == 302:
                self.send_header("Location", issuer.url + "/elsewhere")
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(given if isinstance(given, bytes) else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def real_provider(port: int, *users: Claims) -> Iterator[str]:
    given = [part for user in users for part in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *given]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            end = time.monotonic() + 30
            while not is_up(url):
                assert process.poll() is None and time.monotonic() < end, "the provider did not answer"
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def is_up(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url + DISCOVERY, timeout=1).ok
    return False


def fetch_token(url: str, who: str, client: str = AUDIENCE) -> str:
    """The way of a browser and a client: signing in, and a code for a token."""
    back = "http://127.0.0.1/back"
    asked = {"client_id": client, "redirect_uri": back, "response_type": "code", "scope": "openid"}
    signed_in = requests.post(
        f"{url}/oauth2/authorize", params=asked, data={"sub": who}, allow_redirects=False, timeout=5
    )
    [code] = parse_qs(urlsplit(signed_in.headers["location"]).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": client}
    answer = requests.post(f"{url}/oauth2/token", data=form | {"client_secret": "any"}, timeout=5)
    token: str = answer.json()["id_token"]
    return token


def encode(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header: object, claims: object, secret: bytes | None = None) -> str:
    """As nobody should make one: unsigned, or with a secret that is none."""
    signed = f"{encode(header)}.{encode(claims)}"
    signature = b"" if secret is None else hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{encode(signature)}"


def public_pem(key: rsa.RSAPrivateKey = RSA_KEY) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def tokens_of(issuer: Issuer, claim: str = "scope") -> Tokens:
    settings = Settings(oidc_issuer=issuer.url, oidc_audience=AUDIENCE, oidc_scope_claim=claim)
    built = build_tokens(settings)
    assert built is not None
    return built


def verify(tokens: Tokens, *given: str) -> list[set[str] | None]:
    """The scopes of each."""

    async def run() -> list[set[str] | None]:
        callers = [await tokens.verify(token.encode("utf-8", "surrogateescape")) for token in given]
        return [None if caller is None else set(caller.scopes) for caller in callers]

    return asyncio.run(run())
