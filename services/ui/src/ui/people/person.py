"""Who uses the pages, and what they may do there."""

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """Each may do what the one before may."""

    VIEWER = 1
    # Confirms and rejects, and looks after alerts.
    REVIEWER = 2
    # Promotes and rolls back.
    OWNER = 3


@dataclass(frozen=True)
class Person:
    role: Role
    # Under which verdicts are stored and moves are written down; None where nobody signs in.
    name: str | None = None

    def may(self, role: Role) -> bool:
        return self.role >= role


# Where no sign-in is configured, and none has to be, whoever reaches the pages may do everything.
ANYBODY = Person(Role.OWNER)
