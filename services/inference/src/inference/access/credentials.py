"""What came with a request to say who asks, as the bytes that were sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KEY_HEADER = b"x-api-key"
TOKEN_HEADER = b"authorization"
# No key and no token is longer; what is, is not even looked at.
LONGEST = 16 * 1024

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Credential:
    content: bytes
    # Only there a token is looked for.
    is_bearer: bool


def find_credential(headers: Headers) -> Credential | None:
    given = list(headers)
    keys = [value for name, value in given if name == KEY_HEADER]
    return choose(keys, [value for name, value in given if name == TOKEN_HEADER])


def choose(keys: Sequence[bytes], authorizations: Sequence[bytes]) -> Credential | None:
    """None where nothing was sent, or two that differ: one that is wrong is not helped by another."""
    bearers = [each for each in map(bearer_of, authorizations) if each]
    found = {key.strip() for key in keys if key.strip()} | set(bearers)
    if len(found) != 1:
        return None
    content = found.pop()
    return Credential(content, is_bearer=bool(bearers)) if len(content) <= LONGEST else None


def bearer_of(authorization: bytes) -> bytes:
    scheme, _, rest = authorization.partition(b" ")
    return rest.strip() if scheme.lower() == b"bearer" else b""
