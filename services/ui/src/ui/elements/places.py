"""Where each of a changing list is drawn, the newest on top: what is shown already stays where it is.

The browser knows the parts of a page by their place. One that moves is built anew, and whoever types into it is
interrupted: so new ones get the places above, and what ends leaves its own empty.
"""

from collections.abc import Sequence
from uuid import UUID

ROOM = 20


class Places:
    def __init__(self) -> None:
        self._room = ROOM
        self._place_of: dict[UUID, int] = {}

    def arrange(self, newest_first: Sequence[UUID]) -> list[UUID | None]:
        """Who is drawn at each place, from the top; at most of them nobody is."""
        self._room = max(self._room, len(newest_first))
        kept = {each: self._place_of[each] for each in newest_first if each in self._place_of}
        new = [each for each in newest_first if each not in kept]
        top = min(kept.values(), default=self._room)
        if len(new) > top:
            # No room is left above: this once they all move.
            kept, new, top = {}, list(newest_first), self._room
        self._place_of = kept | {each: top - number for number, each in enumerate(reversed(new), 1)}
        at = {place: each for each, place in self._place_of.items()}
        return [at.get(place) for place in range(self._room)]
