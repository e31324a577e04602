"""What the API told of its models at one moment, and what follows from it: who may be promoted, where back leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ui.api.client import Client
from ui.api.errors import ApiUnavailable
from ui.api.model_answers import (
    DriftReport,
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
        able = [each for each in self.models.items if each.refusal is None]
        return sorted(able, key=lambda each: each.version != self.models.challenger)

    @property
    def comparison(self) -> ShadowAnswer | None:
        """The present challenger beside the present champion, on live tweets."""
        champion, challenger = self.models.champion, self.challenger
        if challenger is None:
            return None
        pairs = ((each.challenger_version, each.champion_version, each) for each in self.shadow)
        return next((each for one, other, each in pairs if (one, other) == (challenger.version, champion)), None)

    @property
    def step_back(self) -> str | None:
        """The champion before; None where there is none, or where the journal has not seen the present one yet."""
        return self.journal.rollback_to if self.came is not None else None

    @property
    def has_no_way_back(self) -> bool:
        """Only where that is sure."""
        return self.step_back is None and self.came is not None

    @property
    def latest_move_at(self) -> datetime | None:
        return self.journal.items[0].at if self.journal.items else None


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
