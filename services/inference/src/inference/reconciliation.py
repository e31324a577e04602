"""Moves of the champion that this service did not make, or could not write down: noticed, and noted as `found`.

The follower says what it sees; the registry is asked again only where that is not what the journal ends with, and only
in the turn in which nobody else can be moving it.
"""

from datetime import UTC, datetime

from inference.errors import RegistryAway, RegistryUnavailable
from inference.journal_store import JournalStore
from inference.promotion import ModelVersion, Move
from inference.registry import RegistryVersion
from inference.registry_access import RegistryAccess
from inference.turns import Turn, Turns

CHAMPION_TURN = "champion"
FIRST, BY_HAND = "the first champion of this registry", "the alias was moved without this service"


class Reconciliation:
    def __init__(self, access: RegistryAccess, journal: JournalStore, turns: Turns) -> None:
        self._access = access
        self._journal = journal
        self._turns = turns
        # Also where it is what was seen before: the journal may have gone on, and not come back.
        self._news: RegistryVersion | None = None

    def note(self, champion: RegistryVersion) -> None:
        """From the follower's thread, at each of its polls."""
        self._news = champion

    def look(self) -> bool:
        """A job. Raises what the next look may not meet."""
        seen = self._news
        if seen is None:
            return False
        last = self._journal.read_last()
        if last is None or not last.after.is_same(named(seen)):
            self._reconcile()
        if self._news is seen:
            self._news = None
        return False

    def _reconcile(self) -> None:
        try:
            with self._turns.taken(CHAMPION_TURN) as turn, self._access.open() as registry:
                champion = registry.fetch_champion()
                if champion is not None:
                    note_found(self._journal, turn, champion)
        except RegistryUnavailable as error:
            raise RegistryAway from error


def note_found(journal: JournalStore, turn: Turn, champion: RegistryVersion) -> None:
    """Write what nobody has written, so that the journal ends with the champion."""
    after, last = named(champion), journal.read_last()
    if last is None or not last.after.is_same(after):
        before, reason = (None, FIRST) if last is None else (last.after, BY_HAND)
        journal.write(Move(datetime.now(UTC), "found", None, reason, before, after), turn)


def named(version: RegistryVersion) -> ModelVersion:
    return ModelVersion(version.version, version.digest)
