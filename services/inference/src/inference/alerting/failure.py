"""Why a message did not arrive, in words that may be kept: the record of attempts is open to whoever reads alerts."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

LONGEST = 200
HIDDEN = "***"
# Shorter pieces are in ordinary words, which would be lost with them.
SHORTEST_SECRET = 4
ADDRESS = re.compile(r"\b[a-z][\w+.-]*://\S+", re.IGNORECASE)
# Keys and tokens, also those that a service gave out itself; words and numbers of ports are shorter.
TOKEN = re.compile(r"[\w+/=~-]{24,}")
BETWEEN_PIECES = re.compile(r"[?&][\w:+-]*=|[/@:?&#,\s]+")


class DeliveryFailed(Exception):
    """Not delivered, for the reason that it says: short, without a secret, and without the text of the message."""


def pieces_of(url: str) -> set[str]:
    """Every part of an address that may be a secret: with hundreds of services, any may be one but the scheme."""
    pieces = BETWEEN_PIECES.split(url)[1:]
    return {form for piece in pieces for form in (piece, unquote(piece))}


def cleaned(text: str, secrets: Iterable[str]) -> str:
    """One short line, with stars in place of the secrets, of addresses and of whatever may be a key."""
    for secret in sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = re.sub(re.escape(secret), HIDDEN, text, flags=re.IGNORECASE)
    text = TOKEN.sub(HIDDEN, ADDRESS.sub(HIDDEN, text))
    return " ".join(text.split())[:LONGEST]
