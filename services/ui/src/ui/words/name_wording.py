"""The words with which somebody who has not signed in is asked for a name, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NameWording:
    optional: str
    why: str
    too_long: str
    unsendable: str
    reviews_as: str
    change: str
