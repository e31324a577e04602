"""A promotion or a rollback by one person: considered, confirmed, sent once, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ui.api.client import Client
from ui.api.errors import ApiError
from ui.api.model_answers import JournalEntry
from ui.models.model_picture import Picture
from ui.words.language import Notice

Kind = Literal["promotion", "rollback"]


@dataclass(frozen=True)
class Draft:
    """What is about to be sent, and what the person was told that it would do."""

    reason: str
    by: str
    # None where a rollback leads back to a champion that the journal does not tell.
    version: str | None
    champion: str | None
    # The newest line of the journal as the person saw it.
    latest_move_at: datetime | None


@dataclass(eq=False)
class Move:
    kind: Kind
    # Counts the forms: an empty one has fields of its own.
    number: int = 0
    draft: Draft | None = None
    done: JournalEntry | None = None
    failure: ApiError | None = None
    has_changed: bool = False
    notice: Notice | None = None

    def consider(self, draft: Draft) -> None:
        self.draft, self.failure = draft, None

    def take_back(self) -> None:
        self.draft, self.failure = None, None

    def send(self, draft: Draft, client: Client, picture: Picture) -> None:
        """`picture` is of this moment: what was confirmed must still be what happens."""
        # A second click, or one that waited for the first.
        if self.draft is not draft or self.settle(picture):
            return
        if picture.models.champion != draft.champion or (
            self.kind == "rollback" and picture.step_back != draft.version
        ):
            self.take_back()
            self.has_changed = True
            return
        try:
            done = self._ask(draft, client)
        except ApiError as error:
            self.failure = error
            return
        self._finish(done)

    def settle(self, picture: Picture) -> bool:
        """Whether the journal holds the move already: its answer may have been lost on the way back."""
        if self.draft is None or self.failure is None:
            return False
        mine = next((move for move in picture.journal.items if self._is_mine(self.draft, move)), None)
        if mine is not None:
            self._finish(mine)
        return mine is not None

    def _is_mine(self, draft: Draft, move: JournalEntry) -> bool:
        is_new = draft.latest_move_at is None or move.at > draft.latest_move_at
        return is_new and (move.kind, move.by, move.reason) == (self.kind, draft.by, draft.reason)

    def _ask(self, draft: Draft, client: Client) -> JournalEntry:
        if self.kind == "rollback":
            return client.roll_back(draft.reason, draft.by)
        assert draft.version is not None, "a promotion names its version"
        return client.promote(draft.version, draft.reason, draft.by)

    def _finish(self, done: JournalEntry) -> None:
        self.done, self.draft, self.failure = done, None, None
        self.number += 1
