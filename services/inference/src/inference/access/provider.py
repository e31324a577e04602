"""The requests to the provider of tokens: where its keys are, and the keys themselves."""

import time

import requests
from jwt import PyJWK, PyJWKSet, PyJWTError
from pydantic import BaseModel, Field, ValidationError
from urllib3.exceptions import HTTPError

from inference.settings import HTTPS_OR_LOOPBACK

TIMEOUTS_SECONDS = (2.0, 3.0)  # to connect, to read
# An answer may come in drops, each in time: these bound all of it.
ANSWER_LIMIT_BYTES, ANSWER_LIMIT_SECONDS = 1024 * 1024, 5.0
BLOCK_BYTES = 64 * 1024


class ProviderFailed(Exception):
    """For the log: it says which address, and why."""


class Discovered(BaseModel):
    issuer: str
    jwks_uri: str = Field(min_length=1, pattern=HTTPS_OR_LOOPBACK)


class Provider:
    def __init__(self, issuer: str, jwks_url: str = "") -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url

    def fetch_keys(self) -> list[PyJWK]:
        """Raises ProviderFailed."""
        url = self._jwks_url or self._discover()
        try:
            keys = PyJWKSet.from_json(fetch(url).decode()).keys
        except (PyJWTError, ValueError, AttributeError, RecursionError) as error:
            raise ProviderFailed(f"{url} holds no usable keys: {type(error).__name__}") from None
        return [key for key in keys if key.public_key_use in ("sig", None)]

    def _discover(self) -> str:
        # The address of OpenID Connect Discovery 1.0, whether the issuer ends with a slash or not.
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = Discovered.model_validate_json(fetch(url))
        except ValidationError:
            raise ProviderFailed(f"{url} does not say where the keys are") from None
        if found.issuer != self._issuer:
            raise ProviderFailed(f"{url} is of another issuer: INFERENCE_OIDC_ISSUER must be letter by letter its own")
        return found.jwks_uri


def fetch(url: str) -> bytes:
    """Without following where else it points to: keys come from the address that was set, or from nowhere."""
    ends_at = time.monotonic() + ANSWER_LIMIT_SECONDS
    content = bytearray()
    try:
        with requests.get(url, timeout=TIMEOUTS_SECONDS, allow_redirects=False, stream=True) as answer:
            if answer.status_code != requests.codes.ok:
                raise ProviderFailed(f"{url} answers {answer.status_code}")
            for block in answer.iter_content(BLOCK_BYTES):
                content += block
                if len(content) > ANSWER_LIMIT_BYTES or time.monotonic() > ends_at:
                    raise ProviderFailed(f"{url} sends too much, or too slowly")
    except (requests.RequestException, HTTPError) as error:
        raise ProviderFailed(f"{url} does not answer: {type(error).__name__}") from None
    return bytes(content)
