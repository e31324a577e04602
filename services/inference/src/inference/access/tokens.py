"""Bearer tokens of an OpenID provider: signed by it, for us, now; the scopes are in one of its claims."""

import time
from collections import OrderedDict

import jwt
from jwt import PyJWK

from inference.access.keys import digest_of
from inference.access.provider import Provider
from inference.access.scopes import Caller, known_scopes
from inference.access.signing_keys import SigningKeys
from inference.settings import Settings

# Where the two sides share no secret: what is public must not sign.
ALGORITHMS = (*(f"{family}{size}" for family in ("RS", "PS", "ES") for size in (256, 384, 512)), "EdDSA")
LEEWAY_SECONDS = 60
# Not checked again before that: one that the provider's keys no longer sign goes on for so long.
KNOWN_SECONDS = 300.0
MOST_KNOWN = 4096


class Tokens:
    def __init__(self, issuer: str, audience: str, scope_claim: str, keys: SigningKeys) -> None:
        self._issuer = issuer
        self._audience = audience
        self._scope_claim = scope_claim
        self._keys = keys
        self._known: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    def recall(self, digest: bytes) -> Caller | None:
        """Whoever sent the same token a moment ago, if it still holds."""
        found = self._known.get(digest)
        if found is None or found[1] <= time.time():
            return None
        return found[0]

    async def verify(self, token: bytes) -> Caller | None:
        """None where it is not to be believed. Raises ProviderAway where nobody can say."""
        try:
            header = jwt.get_unverified_header(token)
        except Exception:  # as below
            return None
        if header.get("alg") not in ALGORITHMS:
            return None
        key = await self._keys.find(header.get("kid"))
        if key is None:
            return None
        try:
            caller, expires_at = self._read(token, key)
        # Whatever surprises the library, of all that a token may hold: it does not open.
        except Exception:
            return None
        self._remember(digest_of(token), caller, expires_at)
        return caller

    def _read(self, token: bytes, key: PyJWK) -> tuple[Caller, float]:
        claims = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
        )
        return Caller(f"token:{claims['sub']}", known_scopes(claims.get(self._scope_claim))), float(claims["exp"])

    def _remember(self, digest: bytes, caller: Caller, expires_at: float) -> None:
        self._known[digest] = caller, min(expires_at, time.time() + KNOWN_SECONDS)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def build_tokens(settings: Settings) -> Tokens | None:
    if not settings.oidc_issuer:
        return None
    keys = SigningKeys(Provider(settings.oidc_issuer, settings.oidc_jwks_url))
    return Tokens(settings.oidc_issuer, settings.oidc_audience, settings.oidc_scope_claim, keys)
