"""Whoever shows wrong keys again and again from one address waits; a valid key never does."""

from ipaddress import IPv6Address, ip_address
from pathlib import Path

from starlette.types import Scope

from inference.errors import TooManyFailures
from inference.quota import Allowance

AT_ONCE = 20
A_MINUTE = 20
# The half of an IPv6 address that a provider gives to one household is one address.
HOUSEHOLD = 64


class Failures:
    """Over all workers of this machine, in a file beside that of the quota, made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "failures.table"
        self._allowance: Allowance | None = None

    def note(self, scope: Scope) -> None:
        """Raises TooManyFailures, which says how long to wait."""
        if self._allowance is None:
            self._allowance = Allowance(self._path, A_MINUTE / 60, AT_ONCE)
        seconds = self._allowance.take(address_of(scope))
        if seconds > 0:
            raise TooManyFailures(seconds)


def address_of(scope: Scope) -> bytes:
    address: str = (scope["client"] or ("unknown",))[0]
    if ":" not in address:
        return address.encode()
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address.encode()
    return (
        parsed.packed[: HOUSEHOLD // 8] if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped else parsed.packed
    )
