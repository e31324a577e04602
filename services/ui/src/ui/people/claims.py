"""What the token of somebody who has signed in says: who they are, what they may do, and for how long that holds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ui.people.addresses import EVERYBODY, SMALL, address_of
from ui.people.person import Person, Role
from ui.settings import Settings

# Of a provider whose clock goes before ours.
CLOCK_SKEW = timedelta(minutes=5)

Claims = Mapping[str, object]


def person_of(claims: Claims, settings: Settings) -> Person | None:
    """None for whoever has no role, or no address to be known by."""
    address = verified_address(claims)
    if address is None:
        return None
    role = named_role(claims, settings.role_claim) or listed_role(address, settings)
    return None if role is None else Person(role, address)


def verified_address(claims: Claims) -> str | None:
    """Some providers say nothing of `email_verified`, and some say it as a word."""
    said = claims.get("email_verified", True)
    is_verified = said is True or (isinstance(said, str) and said.translate(SMALL) == "true")
    return address_of(claims.get("email")) if is_verified else None


def named_role(claims: Claims, claim: str) -> Role | None:
    """The highest that the claim names."""
    said = claims.get(claim) if claim else None
    words = said if isinstance(said, list | tuple) else [said]
    return max((role for word in words for role in Role if _names(word, role)), default=None)


def listed_role(address: str, settings: Settings) -> Role | None:
    lists = {Role.OWNER: settings.owners, Role.REVIEWER: settings.reviewers, Role.VIEWER: settings.viewers}
    return max((role for role, listed in lists.items() if address in listed or EVERYBODY in listed), default=None)


def ends_at(claims: Claims, hours: float) -> datetime | None:
    """So many hours after the sign-in; None where the token does not say when that was, or says nonsense."""
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    try:
        issued_at = datetime.fromtimestamp(issued, UTC)
        return None if issued_at > datetime.now(UTC) + CLOCK_SKEW else issued_at + timedelta(hours=hours)
    except (ValueError, OverflowError, OSError):
        return None


def _names(word: object, role: Role) -> bool:
    return isinstance(word, str) and word.translate(SMALL) == role.name.translate(SMALL)
