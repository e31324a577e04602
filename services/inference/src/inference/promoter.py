"""The one path by which the champion changes: a turn, the verdict, the bundle, the alias, and a line in the journal.

What happens in between is noted by whoever has the turn next (reconciliation.py): the alias is what counts, and the
journal follows it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from inference.cache import BundleCache
from inference.errors import (
    BundleRefused,
    DatabaseUnavailable,
    MoveRefused,
    MoveUnderWay,
    NotStored,
    RegistryAway,
    RegistryUnavailable,
    Unavailable,
    UnknownVersion,
)
from inference.journal_store import JournalStore
from inference.loop_schemas import GateVerdict, MoveKind
from inference.obtaining import obtain
from inference.promotion import ModelVersion, Move, check_verdict, find_previous, read_verdict
from inference.reconciliation import CHAMPION_TURN, named, note_found
from inference.registry import CHAMPION, Registry, RegistryVersion, VersionDetails
from inference.registry_access import RegistryAccess
from inference.turns import Turn, Turns

logger = logging.getLogger(__name__)

# For another worker that only looks whether something has to be noted.
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants the champion changed, and why."""

    kind: MoveKind
    by: str
    reason: str


class Promoter:
    def __init__(self, access: RegistryAccess, cache: BundleCache, journal: JournalStore, turns: Turns) -> None:
        self._access = access
        self._cache = cache
        self._journal = journal
        self._turns = turns
        # Told at once, in the thread that makes the move.
        self.when_moved: list[Callable[[], None]] = []

    def promote(self, wanted: str, by: str, reason: str) -> Move:
        """`wanted` is a number or an alias. Whoever is refused has changed nothing."""
        with self._turn() as (turn, registry):
            candidate = find_version(registry, wanted)
            champion = self._champion(registry, turn)
            before = None if champion is None else named(champion)
            verdict = check_verdict(named(candidate.named), read_verdict(candidate.gate), before)
            return self._move(registry, turn, Order("promotion", by, reason), champion, candidate.named, verdict)

    def roll_back(self, by: str, reason: str) -> Move:
        with self._turn() as (turn, registry):
            champion = self._champion(registry, turn)
            if champion is None:
                raise MoveRefused("The registry has no champion now: there is nothing to go back from.")
            previous = find_previous(self._journal.read_all())
            target = registry.fetch_details(previous.version)
            if target is None or not named(target.named).is_same(previous):
                raise MoveRefused(
                    f"The champion before was version {previous.version}, which is not in the registry any more: "
                    "promote another."
                )
            return self._move(registry, turn, Order("rollback", by, reason), champion, target.named)

    @contextmanager
    def _turn(self) -> Iterator[tuple[Turn, Registry]]:
        if not self._access.is_set:
            raise MoveRefused("No registry is set: INFERENCE_MLFLOW_URL.")
        with self._turns.taken(CHAMPION_TURN, PATIENCE_SECONDS) as turn, self._access.open() as registry:
            yield turn, registry

    def _champion(self, registry: Registry, turn: Turn) -> RegistryVersion | None:
        """As the registry has it, and the journal from now on."""
        champion = registry.fetch_champion()
        if champion is not None:
            note_found(self._journal, turn, champion)
        return champion

    def _move(
        self,
        registry: Registry,
        turn: Turn,
        order: Order,
        champion: RegistryVersion | None,
        target: RegistryVersion,
        verdict: GateVerdict | None = None,
    ) -> Move:
        digest = self._verify(registry, target)
        # To fetch a bundle may have taken long.
        self._turns.prolong(turn)
        if registry.fetch_champion() != champion:
            raise MoveUnderWay("Somebody moved the champion in the registry meanwhile.")
        move_champion(registry, target.version)
        for tell in self.when_moved:
            tell()
        before = None if champion is None else named(champion)
        after = ModelVersion(target.version, digest)
        move = Move(datetime.now(UTC), order.kind, order.by, order.reason, before, after)
        self._write(move, turn, verdict)
        logger.info("champion_moved kind=%s version=%s digest=%s", order.kind, after.version, digest)
        return move

    def _verify(self, registry: Registry, target: RegistryVersion) -> str:
        """The digest of its bundle, which is in the cache then."""
        try:
            return obtain(registry, self._cache, target).digest
        except BundleRefused as error:
            raise MoveRefused(f"Version {target.version} does not verify: {error}.") from error
        except OSError as error:
            raise NotStored(f"Version {target.version} cannot be stored on this machine: {error.strerror}.") from error

    def _write(self, move: Move, turn: Turn, verdict: GateVerdict | None) -> None:
        try:
            self._journal.write(move, turn, verdict)
        except Unavailable as error:
            logger.error("champion_moved_without_journal version=%s", move.after.version)
            raise DatabaseUnavailable(
                f"Version {move.after.version} is the champion now, but who moved it and why could not be written: the "
                "journal will say that the move was found."
            ) from error


def find_version(registry: Registry, wanted: str) -> VersionDetails:
    found = registry.fetch_details(wanted) if wanted.isdigit() else registry.fetch_alias_details(wanted)
    if found is None:
        raise UnknownVersion
    return found


def move_champion(registry: Registry, version: str) -> None:
    """MLflow's answer may be lost though the alias has moved: what it says now counts."""
    try:
        registry.move_alias(CHAMPION, version)
    except RegistryUnavailable as error:
        logger.warning('champion_move_unanswered version=%s reason="%s"', version, error)
    try:
        champion = registry.fetch_champion()
    except RegistryUnavailable as error:
        raise RegistryAway(
            "The registry went away in the middle: whether the champion has moved is not known. `GET /v1/journal` says "
            "so once it is back."
        ) from error
    if champion is None or champion.version != version:
        raise RegistryAway("The registry did not move the champion.")
