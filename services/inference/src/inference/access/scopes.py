"""What a key or a token may open: it lists each scope itself, and none holds another."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

Scope = Literal["predict", "feedback", "read", "admin"]

SCOPES: tuple[Scope, ...] = get_args(Scope)
# Of the routes; where only the owner's key is set, it alone opens these, and everybody the others.
OWNERS: Scope = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was recognised: a key by the name in its line, a token by its subject."""

    name: str
    scopes: frozenset[Scope]


def known_scopes(words: object) -> frozenset[Scope]:
    """Those of ours in a claim of a token: words apart by blanks, or a list of them."""
    given = words.split() if isinstance(words, str) else words if isinstance(words, list) else []
    return frozenset(cast(Scope, word) for word in given if word in SCOPES)
