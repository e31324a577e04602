"""What the API told of its models at one moment, and what follows from it: who may be promoted, where back leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ui.client import Client
from ui.errors import ApiUnavailable
from ui.model_answers import (
    DriftReport,
    GateVerdict,
    Journal,
    JournalEntry,
    ModelList,
    RegisteredVersion,
    ServedModel,
    ShadowAnswer,
)

VERSIONS_READ = 50
MOVES_READ = 100


@dataclass(frozen=True)
class Picture:
    models: ModelList
    journal: Journal
    shadow: Sequence[ShadowAnswer]
    drift: DriftReport | None
    # None where the API did not say which version answers; it may have none in memory.
    served: ServedModel | None

    @property
    def champion(self) -> RegisteredVersion | None:
        return self.version(self.models.champion)

    @property
    def challenger(self) -> RegisteredVersion | None:
        """None, too, where the challenger is champion already: it wants nothing any more."""
        return None if self.models.challenger == self.models.champion else self.version(self.models.challenger)

    def version(self, number: str | None) -> RegisteredVersion | None:
        return next((each for each in self.models.items if each.version == number), None)

    @property
    def came(self) -> JournalEntry | None:
        """The move that made the champion, where the journal knows it."""
        move = self.journal.champion
        return move if move is not None and move.to_version == self.models.champion else None

    @property
    def promotable(self) -> list[RegisteredVersion]:
        """The challenger first, then the latest."""
        able = [each for each in self.models.items if self.may_be_promoted(each)]
        return sorted(able, key=lambda each: each.version != self.models.challenger)

    def may_be_promoted(self, version: RegisteredVersion) -> bool:
        verdict = version.verdict
        if verdict is None or version.version == self.models.champion or verdict.digest != version.digest:
            return False
        return verdict.passed and all(check.passed for check in verdict.checks) and self.is_against_champion(verdict)

    def is_against_champion(self, verdict: GateVerdict) -> bool:
        if self.models.champion is None:
            return verdict.against_digest is None and verdict.against_version is None
        champion = self.champion
        if champion is None or champion.digest is None:
            return verdict.against_version == self.models.champion
        return verdict.against_digest == champion.digest

    @property
    def comparison(self) -> ShadowAnswer | None:
        """The present challenger beside the present champion, on live tweets."""
        champion, challenger = self.models.champion, self.challenger
        if challenger is None:
            return None
        pairs = ((each.challenger_version, each.champion_version, each) for each in self.shadow)
        return next((each for one, other, each in pairs if (one, other) == (challenger.version, champion)), None)

    @property
    def knows_all_moves(self) -> bool:
        return len(self.journal.items) < MOVES_READ

    @property
    def step_back(self) -> str | None:
        """The champion before; None where there is none, or where the journal does not tell."""
        stack = champions_in_turn(self.journal.items, self.knows_all_moves)
        return stack[-2].to_version if len(stack) > 1 and self.came is not None else None

    @property
    def has_no_way_back(self) -> bool:
        """Only where that is sure."""
        return self.step_back is None and self.knows_all_moves and self.came is not None

    @property
    def latest_move_at(self) -> datetime | None:
        return self.journal.items[0].at if self.journal.items else None


def champions_in_turn(latest_first: Sequence[JournalEntry], is_whole: bool) -> list[JournalEntry]:
    """The journal read as a stack, as the API reads it: the champion is last, before it those that one may go back to.

    A way back takes off all that came after. Where older moves are not known, what lies beneath may not be either.
    """
    stack: list[JournalEntry] = []
    for move in reversed(latest_first):
        places = [place for place, each in enumerate(stack, 1) if is_same(each, move)]
        if places and (move.kind != "promotion" or places[-1] == len(stack)):
            del stack[places[-1] :]
        elif move.kind == "promotion" or is_whole:
            stack.append(move)
        else:
            stack = [move]
    return stack


def is_same(one: JournalEntry, other: JournalEntry) -> bool:
    """A fresh registry counts from 1 again: where the digests are known, they count too."""
    return one.to_version == other.to_version and len({one.to_digest, other.to_digest} - {None}) < 2


def take_picture(client: Client) -> Picture:
    """All of it, or an error: half an answer would be two moments in one picture."""
    models, journal = client.list_models(VERSIONS_READ), client.read_journal(MOVES_READ)
    shadow, drift = client.read_shadow(), client.list_drift_reports(1)
    return Picture(models, journal, shadow, drift[0] if drift else None, _read_served(client))


def _read_served(client: Client) -> ServedModel | None:
    try:
        return client.read_served()
    except ApiUnavailable:
        return None
