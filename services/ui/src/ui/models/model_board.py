"""What one person's session knows of the models: as the API last told, and the moves the person is about to make.

What the API told stays when it goes away, and so does what is being typed. As in `session`, callbacks get the board as
an argument, and whoever asks the API or draws holds its lock.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock

from ui.api.client import Client
from ui.api.errors import ApiError
from ui.models.model_picture import Picture, take_picture
from ui.models.move import Draft, Move
from ui.people.nameplate import Nameplate
from ui.settings import Settings


@dataclass(eq=False)
class ModelBoard:
    settings: Settings
    client: Client
    # None before the first answer.
    picture: Picture | None = None
    refreshed_at: datetime | None = None
    failure: ApiError | None = None
    promotion: Move = field(default_factory=lambda: Move("promotion"))
    rollback: Move = field(default_factory=lambda: Move("rollback"))
    plate: Nameplate = field(default_factory=Nameplate)
    lock: RLock = field(default_factory=RLock)

    def refresh(self) -> None:
        try:
            picture = take_picture(self.client)
        except ApiError as error:
            self.failure = error
            return
        self.picture, self.failure, self.refreshed_at = picture, None, datetime.now(UTC)
        for move in (self.promotion, self.rollback):
            move.settle(picture)

    def send(self, move: Move, draft: Draft) -> None:
        """Look again first: where that fails, it is not known what would be moved."""
        if move.draft is not draft:
            return
        self.refresh()
        if self.picture is None or self.failure is not None:
            move.failure = self.failure
            return
        move.send(draft, self.client, self.picture)
