"""API keys: `ts_<id>_<secret>`, of which a file keeps nothing but a hash; one key a line."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from inference.access.scopes import SCOPES, Caller, Scope

# Enough that a plain hash keeps it: nobody tries out 2**256 of them.
SECRET_BYTES = 32
ID_BYTES = 4
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
UNTIL = "until="
NEVER = float("inf")


class KeysRefused(ValueError):
    """Names the line, never a word of it."""


@dataclass(frozen=True, slots=True)
class Key:
    caller: Caller
    digest: bytes
    # Seconds since 1970.
    until: float = NEVER


Keys = dict[bytes, Key]


def make_key() -> str:
    return f"ts_{secrets.token_hex(ID_BYTES)}_{secrets.token_urlsafe(SECRET_BYTES)}"


def digest_of(credential: bytes) -> bytes:
    return hashlib.sha256(credential).digest()


def write_line(name: str, scopes: str, key: str, until: str | None = None) -> str:
    """Raises KeysRefused."""
    words = [name, scopes, digest_of(key.encode()).hex(), *([UNTIL + until] if until is not None else [])]
    # What a name or a moment with a blank in it would become is not what was meant.
    if any(word.split() != [word] for word in words):
        raise KeysRefused("a name, scopes and a moment hold no blanks")
    read_line(" ".join(words))
    return " ".join(words)


def read_keys(content: bytes) -> Keys:
    """Raises KeysRefused."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise KeysRefused("it is not UTF-8") from None
    keys: Keys = {}
    for number, line in enumerate(lines, 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        try:
            key = read_line(said)
        except KeysRefused as error:
            raise KeysRefused(f"line {number}: {error}") from None
        if key.digest in keys:
            raise KeysRefused(f"line {number}: the same key stands in a line before")
        keys[key.digest] = key
    return keys


def read_line(line: str) -> Key:
    match line.split():
        case [name, scopes, digest]:
            until = NEVER
        case [name, scopes, digest, moment] if moment.startswith(UNTIL):
            until = read_moment(moment.removeprefix(UNTIL))
        case _:
            raise KeysRefused("must be NAME SCOPES SHA256, and perhaps until=MOMENT")
    if not NAME.fullmatch(name):
        raise KeysRefused("a name is up to 64 letters, digits, dots, dashes and underscores")
    if not DIGEST.fullmatch(digest):
        raise KeysRefused("a hash is 64 small hexadecimal digits")
    return Key(Caller(name, read_scopes(scopes)), bytes.fromhex(digest), until)


def read_scopes(words: str) -> frozenset[Scope]:
    given = words.split(",")
    if not set(given) <= set(SCOPES):
        raise KeysRefused(f"scopes are {', '.join(SCOPES)}, with commas and no blanks between them")
    return frozenset(cast(list[Scope], given))


def read_moment(text: str) -> float:
    try:
        if MOMENT.fullmatch(text):
            return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        pass
    raise KeysRefused("a moment is a date, a time and a zone, as in 2027-01-31T00:00:00Z")
