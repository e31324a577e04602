"""What one person's session holds: the tweets analysed, and for each the verdict on its way or stored.

Streamlit may end a callback at any read or write of `st.session_state` when another click is waiting. So the state
is one plain object: callbacks get it as an argument and change it in place, and no click is lost half way.

Nor does it wait for a callback that is asking the API before it runs the next click, in another thread. So whoever
asks the API, and whoever draws the page, holds the session's lock: clicks take turns and the page shows their outcome.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock

from ui.api.asked import Asked
from ui.api.client import Client
from ui.api.errors import ApiError
from ui.api.idempotency import new_key
from ui.api.predictions import Comparison, Explanation, Prediction, StoredFeedback, Verdict
from ui.people.nameplate import Nameplate
from ui.settings import Settings
from ui.words.language import Notice

HISTORY_LENGTH = 50
SAME_CLICK = timedelta(seconds=3)


@dataclass(frozen=True)
class Judgement:
    """What a person says about a prediction."""

    verdict: Verdict
    label: str | None = None
    comment: str | None = None
    # None for nobody in particular, and for who has signed in.
    reviewer: str | None = None


@dataclass(eq=False)
class Entry:
    """One analysed tweet and the state of its verdict."""

    text: str
    prediction: Prediction
    analysed_at: datetime
    idempotency_key: str = field(default_factory=new_key)
    attempt: Judgement | None = None
    stored: StoredFeedback | None = None
    stored_by: str | None = None
    failure: ApiError | None = None
    notice: Notice | None = None
    is_rejecting: bool = False
    is_changing: bool = False
    draft: str = ""
    explanation: Asked[Explanation] = field(default_factory=Asked)
    comparison: Asked[Comparison] = field(default_factory=Asked)

    @property
    def is_settled(self) -> bool:
        return self.stored is not None and not self.is_changing

    @property
    def other_labels(self) -> list[str]:
        return [label for label in self.prediction.probabilities if label != self.prediction.label]

    def explain(self, client: Client) -> None:
        """Once: a page that is drawn again does not ask again, whatever became of it."""
        if self.explanation.failure is None:
            self.explanation.ask(lambda: client.explain(self.prediction.prediction_id))

    def compare(self, client: Client) -> None:
        self.comparison.ask(lambda: client.compare(self.text))

    def start_rejecting(self) -> None:
        if not self.is_settled:
            self.is_rejecting = True

    def start_changing(self) -> None:
        self.is_changing, self.is_rejecting, self.attempt = True, False, None
        self.idempotency_key = new_key()

    def keep(self, client: Client) -> None:
        """Leave the stored verdict as it is. Another, sent and not answered, may stand: then say the old one again."""
        stored, is_doubtful = self.stored, self.failure is not None
        if is_doubtful and stored is not None:
            self.idempotency_key, self.attempt = new_key(), None
            self.send(client, Judgement(stored.verdict, stored.label, stored.comment, self.stored_by))
        else:
            self.stop_changing()

    def stop_changing(self) -> None:
        self.is_changing, self.is_rejecting, self.failure, self.notice = False, False, None, None

    def send(self, client: Client, judgement: Judgement) -> None:
        """Store the judgement. The same one sent again carries the same key, another one a new key."""
        if self.is_settled:
            return
        if self.attempt not in (None, judgement):
            self.idempotency_key = new_key()
        self.attempt, self.failure, self.notice = judgement, None, None
        try:
            stored = client.send_feedback(
                self.prediction.prediction_id,
                judgement.verdict,
                idempotency_key=self.idempotency_key,
                label=judgement.label,
                comment=judgement.comment,
                reviewer=judgement.reviewer,
            )
        except ApiError as error:
            self.failure = error
            return
        self.stop_changing()
        self.stored, self.stored_by = stored, judgement.reviewer


@dataclass(eq=False)
class Session:
    settings: Settings
    client: Client
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=HISTORY_LENGTH))
    current: Entry | None = None
    failure: ApiError | None = None
    notice: Notice | None = None
    prefill: str | None = None
    plate: Nameplate = field(default_factory=Nameplate)
    lock: RLock = field(default_factory=RLock)

    def analyse(self, text: str) -> None:
        if self._is_same_click(text):
            return
        self.failure, self.notice = None, None
        try:
            prediction = self.client.predict(text)
        except ApiError as error:
            self.failure = error
            return
        self.current = Entry(text, prediction, datetime.now(UTC))
        self.entries.appendleft(self.current)

    def _is_same_click(self, text: str) -> bool:
        """A double click, or clicks that waited while the API was slow: one tweet, not several."""
        current = self.current
        if current is None or self.failure is not None or current.text != text:
            return False
        return datetime.now(UTC) - current.analysed_at < SAME_CLICK

    def reopen(self, entry: Entry) -> None:
        self.current = entry
