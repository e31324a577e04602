"""The challenger beside the champion on what the shadow noted: the same texts, one after the other, in one thread."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from uuid import UUID

from inference.background import Job
from inference.champion import ServedModel
from inference.decision import Classification
from inference.errors import Unavailable
from inference.metrics import Metrics
from inference.shadow import Sample, Shadow
from inference.shadow_store import FoundDisagreement, ShadowStore, ShadowTotal

logger = logging.getLogger(__name__)

Answered = list[tuple[Sample, Classification | None]]

# What one turn may take, in texts and in seconds, and how many texts are scored together. Ten million texts a day say
# enough, and cost a worker that is asked for all it can give about two answers of a hundred.
TURN_TEXTS, TURN_SECONDS = 128, 0.2
BATCH_TEXTS = 64
EVERY_SECONDS = 1.0
# Then it rests so many times as long, however slow a model is: a fifth of one core at most.
REST_SHARE = 4


@dataclass(frozen=True, slots=True)
class Scored:
    # None where the model failed.
    given: list[Classification | None]
    # Of this thread alone: it waits for the requests, again and again, and that says nothing of the model.
    processor_seconds: float


@dataclass(slots=True)
class Turn:
    """What is found until it is written."""

    totals: dict[tuple[str, str], ShadowTotal] = field(default_factory=dict)
    found: list[FoundDisagreement] = field(default_factory=list)

    def add(self, total: ShadowTotal) -> None:
        before = self.totals.get(total.pair)
        self.totals[total.pair] = total if before is None else sum_of(before, total)


class ShadowScorer:
    """The job of the background; one thread has it."""

    def __init__(self, shadow: Shadow, store: ShadowStore, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._shadow = shadow
        self._store = store
        self._metrics = metrics
        self._now = now
        self._unwritten: Turn | None = None
        self._dropped = 0
        self._is_challenger_first = False
        self._rests_until = 0.0
        self._failed: ServedModel | None = None

    def look(self) -> bool:
        """Score some, and write what was found. Never says that there is more: it rests. May raise Unavailable."""
        began = time.monotonic()
        if began < self._rests_until:
            return False
        if self._unwritten is None:
            self._unwritten = self._score_some(began + TURN_SECONDS)
            ended = time.monotonic()
            self._rests_until = ended + REST_SHARE * (ended - began)
        self._write()
        return False

    def _score_some(self, ends_at: float) -> Turn | None:
        turn, left = Turn(), TURN_TEXTS
        while left > 0 and time.monotonic() < ends_at:
            challenger = self._shadow.challenger
            samples = [] if challenger is None else self._take(challenger)
            if challenger is None or not samples:
                break
            left -= len(samples)
            for _, group in groupby(samples, key=digest_of_champion):
                self._compare(turn, challenger, list(group))
        return turn if turn.totals else None

    def _take(self, challenger: ServedModel) -> list[Sample]:
        """As many as fit in a turn."""
        samples: list[Sample] = []
        size = 1
        while len(samples) < size and (sample := self._shadow.take()) is not None:
            samples.append(sample)
            each = challenger.classifier.seconds_per_text + sample.champion.classifier.seconds_per_text
            size = min(BATCH_TEXTS, int(TURN_SECONDS / each))
        return samples

    def _write(self) -> None:
        turn, self._unwritten = self._unwritten, None
        if turn is None:
            return
        try:
            self._store.write(turn.totals.values(), turn.found)
        except Unavailable:
            # Nothing more is scored until it is written: what comes meanwhile waits, or is dropped.
            self._unwritten = turn
            raise
        self._metrics.count_shadow(turn.totals.values())

    def _compare(self, turn: Turn, challenger: ServedModel, samples: list[Sample]) -> None:
        champion = samples[0].champion
        if challenger.classifier.digest == champion.classifier.digest:
            # Promoted meanwhile.
            return
        texts = [sample.text for sample in samples]
        # Whoever is second finds the texts in the processor's own memory.
        self._is_challenger_first = not self._is_challenger_first
        if self._is_challenger_first:
            ours, theirs = score(challenger, texts), score(champion, texts)
        else:
            theirs, ours = score(champion, texts), score(challenger, texts)
        # It did answer before: where it fails now there is nothing to be learned of the challenger.
        answered = [
            (sample, given)
            for sample, given, again in zip(samples, ours.given, theirs.given, strict=True)
            if again is not None
        ]
        if answered:
            total = self._add_up(challenger, answered, ours, theirs)
            turn.add(total)
            turn.found += self._find(challenger, answered, total.until)

    def _add_up(self, challenger: ServedModel, answered: Answered, ours: Scored, theirs: Scored) -> ShadowTotal:
        now, champion = self._now(), answered[0][0].champion
        dropped, self._dropped = self._shadow.dropped - self._dropped, self._shadow.dropped
        return ShadowTotal(
            challenger_digest=challenger.classifier.digest,
            champion_digest=champion.classifier.digest,
            challenger_version=challenger.version,
            champion_version=champion.version,
            since=now,
            until=now,
            compared=len(answered),
            disagreed=sum(disagrees(sample, given) for sample, given in answered),
            dropped=dropped,
            challenger_seconds=ours.processor_seconds,
            champion_seconds=theirs.processor_seconds,
        )

    def _find(self, challenger: ServedModel, answered: Answered, at: datetime) -> list[FoundDisagreement]:
        """At a moment of their sum: by its times they are found again."""
        if any(given is None for _, given in answered):
            self._say_failed(challenger, sum(given is None for _, given in answered))
        return [
            build_disagreement(challenger, sample, given, at)
            for sample, given in answered
            if given is not None and disagrees(sample, given)
        ]

    def _say_failed(self, challenger: ServedModel, times: int) -> None:
        """Once for each challenger."""
        self._metrics.shadow_failed.inc(times)
        if self._failed is not challenger:
            logger.error("challenger_failed version=%s digest=%s", challenger.version, challenger.classifier.digest)
        self._failed = challenger


def build_shadow_job(shadow: Shadow, store: ShadowStore, metrics: Metrics) -> Job:
    scorer = ShadowScorer(shadow, store, metrics, partial(datetime.now, UTC))
    return Job("shadow", scorer.look, EVERY_SECONDS, is_woken=False)


def digest_of_champion(sample: Sample) -> str:
    return sample.champion.classifier.digest


def disagrees(sample: Sample, given: Classification | None) -> bool:
    """With what was answered: scored again, in 8 bits, that may differ by a hair. To fail is to disagree."""
    return given is None or given.label != sample.label


def score(model: ServedModel, texts: list[str]) -> Scored:
    began = time.thread_time()
    given = predict(model, texts)
    return Scored(given, time.thread_time() - began)


def predict(model: ServedModel, texts: list[str]) -> list[Classification | None]:
    try:
        return model.classifier.predict_anew(texts)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the tokenizer's Rust code is no Exception
        return [None] if len(texts) == 1 else [each for text in texts for each in predict(model, [text])]


def build_disagreement(
    challenger: ServedModel, sample: Sample, given: Classification, now: datetime
) -> FoundDisagreement:
    return FoundDisagreement(
        prediction_id=UUID(sample.prediction_id),
        challenger_digest=challenger.classifier.digest,
        challenger_version=challenger.version,
        champion_digest=sample.champion.classifier.digest,
        label=given.label,
        probability=given.probability,
        champion_label=sample.label,
        created_at=now,
    )


def sum_of(before: ShadowTotal, more: ShadowTotal) -> ShadowTotal:
    return replace(
        more,
        since=before.since,
        compared=before.compared + more.compared,
        disagreed=before.disagreed + more.disagreed,
        dropped=before.dropped + more.dropped,
        challenger_seconds=before.challenger_seconds + more.challenger_seconds,
        champion_seconds=before.champion_seconds + more.champion_seconds,
    )
