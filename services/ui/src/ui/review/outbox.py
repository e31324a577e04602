"""The answers of one session that are not stored yet: sent in their order, each stored once, none lost while it lasts.

Sending waits for the API, and nobody who judges waits for that: whoever puts an answer in, or takes one back, only
needs the list. Who sends takes turns, so that one answer is never on its way twice at the same time.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from ui.api.client import Client
from ui.api.errors import ApiClosed, ApiError, ApiUnavailable
from ui.review.answer import Answer


@dataclass(eq=False)
class Outbox:
    client: Client
    waiting: list[Answer] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    # Why those that wait do so.
    failure: ApiError | None = None
    _sending: Answer | None = None
    # The API asked to be left alone until then.
    _rests_until: datetime = datetime.min.replace(tzinfo=UTC)
    _list: Lock = field(default_factory=Lock)
    _turn: Lock = field(default_factory=Lock)

    def put(self, answer: Answer) -> None:
        """An earlier one on the same tweet that still waits is said no more; if it stands, this one changes it."""
        with self._list:
            same = answer.item.prediction_id
            self.waiting = [each for each in self.waiting if each is self._sending or each.item.prediction_id != same]
            self.waiting.append(answer)

    def take_back(self, answer: Answer) -> bool:
        """Whether it is as if it had never been given."""
        with self._list:
            is_unsaid = answer.is_refused or (answer in self.waiting and not answer.was_tried)
            if is_unsaid:
                self.waiting = [each for each in self.waiting if each is not answer]
                self.refused = [each for each in self.refused if each is not answer]
            return is_unsaid

    def forget_refused(self) -> None:
        with self._list:
            self.refused = []

    def send(self, *, is_asked_for: bool = False) -> None:
        with self._turn:
            if not is_asked_for and datetime.now(UTC) < self._rests_until:
                return
            tried: list[Answer] = []
            failure: ApiError | None = None
            # Where the API is away, one wait is enough, and where it is closed, one refusal; what it fails on for
            # another reason does not stop the rest.
            while not isinstance(failure, ApiUnavailable | ApiClosed) and (answer := self._next(tried)) is not None:
                tried.append(answer)
                answer.send(self.client)
                failure = (None if answer.is_refused else answer.failure) or failure
                self._settle(answer)
            self.failure = failure
            self._rests_until = datetime.now(UTC) + timedelta(seconds=seconds_asked(failure))

    def _next(self, tried: list[Answer]) -> Answer | None:
        with self._list:
            self._sending = next((each for each in self.waiting if each not in tried), None)
            if self._sending is not None:
                self._sending.was_tried = True
            return self._sending

    def _settle(self, answer: Answer) -> None:
        with self._list:
            self._sending = None
            if answer.failure is None or answer.is_refused:
                self.waiting = [each for each in self.waiting if each is not answer]
            if answer.is_refused:
                self.refused.append(answer)


def seconds_asked(failure: ApiError | None) -> int:
    return (failure.retry_after_seconds or 0) if isinstance(failure, ApiUnavailable) else 0
