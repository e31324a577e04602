"""E-mail addresses of those who may use the pages, and when two of them are the same."""

import re
from string import ascii_lowercase, ascii_uppercase

# As many characters as the API keeps of a name.
ADDRESS_LIMIT = 128
EVERYBODY = "*"
# The letters A to Z and no others: `str.lower` makes a k of the Kelvin sign, and one address of two people's.
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def address_of(given: object) -> str | None:
    """In small letters; None where it is none. `given` may be anything: a token says what it likes."""
    if not isinstance(given, str) or len(given) > ADDRESS_LIMIT:
        return None
    if not given.isprintable() or any(character in " *,;" for character in given):
        return None
    before, _, domain = given.partition("@")
    if not before or not domain or "@" in domain:
        return None
    return given.translate(SMALL)


def read_addresses(given: object) -> object:
    """Separated by blanks or commas; alone, `*` stands for everybody."""
    if not isinstance(given, str):
        return given
    parts = [part for part in re.split(r"[\s,]+", given) if part]
    if parts == [EVERYBODY]:
        return frozenset(parts)
    addresses = [address_of(part) for part in parts]
    if None in addresses:
        raise ValueError("must be e-mail addresses, separated by blanks or commas, or a * alone")
    return frozenset(addresses)
