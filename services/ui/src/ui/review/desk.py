"""What one person's session holds of the review queue: the tweet before them, those that follow, what they said.

As in `session`, callbacks get the desk as an argument and never look at the session's state. Whoever draws or judges
holds its lock; whoever asks the API does not, so that the next tweet is there at once however slow the API is.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock

from ui.api.client import Client
from ui.api.errors import ApiError, ApiUnavailable
from ui.api.idempotency import new_key
from ui.api.predictions import ReviewItem, ReviewQueue
from ui.people.name_field import NameQuestion
from ui.people.nameplate import Nameplate
from ui.people.person import Role
from ui.review.answer import Answer
from ui.review.outbox import Outbox
from ui.settings import Settings
from ui.words.language import Notice

ASKED_FOR = 40
# With so few left the API is asked again soon, else once a minute.
FEW = 5
A_WHILE = timedelta(minutes=1)


@dataclass(eq=False)
class Turn:
    """One tweet before this person, until it is answered."""

    item: ReviewItem
    idempotency_key: str = field(default_factory=new_key)
    shown_at: datetime | None = None
    # Those that were skipped come back in the order of these; 0 where it was not.
    skipped: int = 0
    # What stands of this person's, where they came back to it.
    before: Answer | None = None

    @property
    def prediction_id(self) -> str:
        return self.item.prediction_id


@dataclass(eq=False)
class Desk:
    settings: Settings
    client: Client
    question: NameQuestion = field(default_factory=lambda: NameQuestion(Nameplate()))
    current: Turn | None = None
    waiting: deque[Turn] = field(default_factory=deque)
    # The newest last: the way back.
    answers: list[Answer] = field(default_factory=list)
    # None before the first answer of the API.
    told_today: int | None = None
    has_model: bool = True
    failure: ApiError | None = None
    notice: Notice | None = None
    not_kept: set[str] = field(default_factory=set)
    # A key so soon after a tweet appeared was meant for the one before.
    glance: timedelta = timedelta(seconds=0.5)
    lock: RLock = field(default_factory=RLock)
    # Whether the errands of this drawing are done already.
    is_told: bool = False
    # Whether it was told over the page that answers wait.
    is_warned: bool = False
    _asked_at: datetime | None = None
    _told_at: datetime | None = None
    _is_out: bool = True
    _skips: int = 0
    _undone_at: datetime | None = None
    _drawn: tuple[object, ...] = ()
    # The latest word on each tweet.
    _judged: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.client)

    @property
    def may_answer(self) -> bool:
        return self.client.person.may(Role.REVIEWER)

    @property
    def own_count(self) -> int:
        return sum(not answer.is_refused for answer in self._judged.values())

    @property
    def done_today(self) -> int:
        """As the API told last, and what was said here since."""
        told_at = self._told_at
        return (self.told_today or 0) + sum(
            answer.stored_at is None or told_at is None or answer.stored_at > told_at
            for answer in self._judged.values()
            if not answer.is_refused
        )

    def look(self) -> None:
        """It is drawn: from now on the current tweet can be judged."""
        self._drawn = self._picture
        if self.current is not None and self.current.shown_at is None:
            self.current.shown_at = datetime.now(UTC)

    @property
    def has_changed(self) -> bool:
        """Since it was drawn."""
        return self._drawn != self._picture

    @property
    def _picture(self) -> tuple[object, ...]:
        return self.current, self.told_today, self.own_count, self.has_model, self.answers[-1:]

    def judge(self, turn: Turn, label: str, comment: str | None) -> None:
        """`turn` is what the person saw: a click that waited is not for the tweet that came meanwhile."""
        if not self.may_answer or not self._is_seen(turn) or label not in turn.item.probabilities:
            return
        reviewer = self.client.person.name or self.question.plate.given
        answer = Answer(turn.item, label, comment, reviewer, turn.idempotency_key)
        self.answers.append(answer)
        self._judged[turn.prediction_id] = answer
        self.outbox.put(answer)
        self._go_on()

    def skip(self, turn: Turn) -> None:
        """It comes back at the end; what was answered before stays answered."""
        if not self._is_seen(turn):
            return
        if turn.before is not None:
            self.answers.append(turn.before)
        else:
            self._skips += 1
            turn.skipped = self._skips
            self.waiting.append(turn)
        self._go_on()

    def undo(self, answer: Answer) -> None:
        now = datetime.now(UTC)
        if not self.answers or self.answers[-1] is not answer:
            return
        if self._undone_at is not None and now - self._undone_at < self.glance:
            return
        self.answers.pop()
        self._undone_at = now
        is_unsaid = self.outbox.take_back(answer)
        if is_unsaid:
            self._judged.pop(answer.item.prediction_id, None)
        if self.current is not None:
            self.waiting.appendleft(self.current)
        self.current, self.notice = Turn(answer.item, before=None if is_unsaid else answer), None

    def refill(self) -> None:
        """Asks the API for more, where it is time."""
        asked_at = datetime.now(UTC)
        if not self._is_due(asked_at):
            return
        self._asked_at, self._is_out = asked_at, False
        try:
            queue = self.client.read_review_queue(ASKED_FOR)
            has_model = bool(queue.items) or self._model_answers()
        except ApiError as error:
            self.failure = error
            return
        with self.lock:
            self.failure, self.told_today, self._told_at = None, queue.judged_today, asked_at
            self.has_model = has_model
            self._merge(queue)

    def _is_due(self, now: datetime) -> bool:
        if self._asked_at is None or self._is_out:
            return True
        is_soon = self.current is None or self.failure is not None or len(self.waiting) < FEW
        # Those who come by themselves come just about when it is time.
        soon = timedelta(seconds=self.settings.refresh_seconds * 0.9)
        return now - self._asked_at >= (soon if is_soon else max(soon, A_WHILE))

    def _model_answers(self) -> bool:
        try:
            self.client.read_served()
        except ApiUnavailable as error:
            if error.status is None:
                raise
            return False
        return True

    def _merge(self, queue: ReviewQueue) -> None:
        """As the API orders them; without those that are judged here, and those judged by others meanwhile."""
        here = {turn.prediction_id: turn for turn in self.waiting}
        here_now = self.current.prediction_id if self.current is not None else None
        told = [each for each in queue.items if each.prediction_id not in (*self._judged, here_now)]
        self.not_kept.update(each.prediction_id for each in told if not each.text)
        turns = [here.get(each.prediction_id) or Turn(each) for each in told if each.text]
        reopened = [turn for turn in self.waiting if turn.before is not None]
        self.waiting = deque([*reopened, *sorted(turns, key=lambda turn: turn.skipped)])
        if self.current is None and self.waiting:
            self.current = self.waiting.popleft()

    def _is_seen(self, turn: Turn) -> bool:
        if turn is not self.current or turn.shown_at is None:
            return False
        return datetime.now(UTC) - turn.shown_at >= self.glance

    def _go_on(self) -> None:
        self.current, self.notice = (self.waiting.popleft() if self.waiting else None), None
        self._is_out = self.current is None
        if self.current is not None:
            # Seen anew, also one that was skipped before.
            self.current.shown_at = None
