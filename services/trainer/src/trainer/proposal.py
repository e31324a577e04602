"""The proposal: everything that somebody needs to say yes or no to a challenger, tweet by tweet, as data.

What it reads like is in proposal_words.py. Tweets of published sets are in it; of people's tweets only the ids of their
predictions and the labels, so that a tweet that is erased is erased.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from trainer.behaviour import Behaviour, load_behaviours, run_behaviours
from trainer.bundle import Bundle
from trainer.errors import TrainerError
from trainer.evaluation import Evaluation
from trainer.feedback import Correction, Feedback
from trainer.gate import Verdict
from trainer.paired import Paired
from trainer.poisoning import Contributor, LeftOut, Screening
from trainer.replay import FEEDBACK, Mixture
from trainer.significance import macro_f1_interval
from trainer.slices import score_slices
from trainer.sources import find_source


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Flip(Part):
    """A tweet that one of both gets right; `text` is None where it is not to be kept here, `tweet` says which it is."""

    tweet: str
    text: str | None
    right: str
    champion: str
    challenger: str


class Standing(Part):
    """How one bundle does on one set; bounds are those of 95 % intervals."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    calibration_error: float


class SliceChange(Part):
    name: str
    size: int
    champion: float
    challenger: float


class SetChange(Part):
    dataset: str
    split: str
    size: int
    champion: Standing
    challenger: Standing
    negative_flip_rate: float
    p_value: float
    gains: list[Flip]
    losses: list[Flip]
    slices: list[SliceChange]


class BehaviourFlip(Part):
    where: str
    capability: str
    texts: str
    expected: str
    found: str


class Learned(Part):
    """What the challenger was made from; `copies`: how often each of people's tweets was shown to it."""

    since: int
    until: int
    verdicts: int
    new_verdicts: int | None
    labels: int
    trained_on: int
    held_out: int
    copies: int
    replay: str
    train_tweets: int
    contributors: list[Contributor]
    left_out: list[LeftOut]
    distrusted: list[str]
    trusted: list[str]


class Proposal(Part):
    model: str
    version: str
    digest: str
    candidate: str
    verdict: Verdict
    learned: Learned
    sets: list[SetChange]
    behaviours_gained: list[BehaviourFlip]
    behaviours_lost: list[BehaviourFlip]
    card: str
    run_id: str

    @property
    def title(self) -> str:
        return f"{self.model}, version {self.version}: " + ("passed the gate" if self.verdict.passed else "refused")


def learned_from(
    feedback: Feedback, screening: Screening, mixture: Mixture, *, replay: str, new: int | None, trusted: Iterable[str]
) -> Learned:
    part = mixture.dataset.parts[-1]
    read = (
        LeftOut(reason="a later verdict on the same answer stands", corrections=feedback.replaced),
        LeftOut(reason="rejected, and nobody said what is right", corrections=feedback.without_label),
        LeftOut(reason="the text is not kept any more, or is empty", corrections=feedback.without_text),
    )
    return Learned(
        since=feedback.since,
        until=feedback.until,
        verdicts=feedback.verdicts,
        new_verdicts=new,
        labels=len(screening.kept),
        trained_on=len(part.train),
        held_out=len(part.test),
        copies=mixture.copies,
        replay=replay,
        train_tweets=len(mixture.dataset.train),
        contributors=screening.contributors,
        left_out=[each for each in (*read, *screening.left_out) if each.corrections],
        distrusted=screening.distrusted,
        trusted=sorted(trusted),
    )


def compare_sets(pairs: Iterable[Paired], held_out: Sequence[Correction], *, seed: int) -> list[SetChange]:
    return [compare_set(pair, held_out, seed) for pair in pairs]


def compare_set(pair: Paired, held_out: Sequence[Correction], seed: int) -> SetChange:
    test = pair.test
    before = {each.name: each for each in score_slices(pair.champion, test.tweets.texts)}
    return SetChange(
        dataset=test.dataset,
        split=test.split,
        size=len(test.tweets),
        champion=standing(pair.champion, seed),
        challenger=standing(pair.challenger, seed),
        negative_flip_rate=pair.negative_flip_rate,
        p_value=pair.p_value,
        gains=flips(pair, pair.gains, held_out),
        losses=flips(pair, pair.losses, held_out),
        slices=[
            SliceChange(name=each.name, size=each.size, champion=before[each.name].accuracy, challenger=each.accuracy)
            for each in score_slices(pair.challenger, test.tweets.texts)
        ],
    )


def standing(evaluation: Evaluation, seed: int) -> Standing:
    low, high = macro_f1_interval(evaluation.truth, evaluation.chosen, len(evaluation.labels), seed=seed)
    scores = evaluation.scores
    return Standing(
        accuracy=scores.accuracy,
        accuracy_low=scores.accuracy_low,
        accuracy_high=scores.accuracy_high,
        macro_f1=scores.macro_f1,
        macro_f1_low=low,
        macro_f1_high=high,
        calibration_error=scores.calibration_error,
    )


def flips(pair: Paired, rows: npt.NDArray[np.int64], held_out: Sequence[Correction]) -> list[Flip]:
    """Those that the challenger is surest of first."""
    surest = rows[np.argsort(-np.abs(pair.challenger.certainty[rows]), kind="stable")]
    return [flip(pair, row, held_out) for row in surest.tolist()]


def flip(pair: Paired, row: int, held_out: Sequence[Correction]) -> Flip:
    champion, challenger, dataset = pair.champion, pair.challenger, pair.test.dataset
    is_ours = dataset == FEEDBACK
    return Flip(
        tweet=f"prediction {held_out[row].prediction_id}" if is_ours else f"{dataset}, {row + 1}",
        # A file of somebody's own is not published by being tested on.
        text=pair.test.tweets.texts[row] if not is_ours and find_source(dataset) else None,
        right=challenger.labels[challenger.truth[row]],
        champion=champion.labels[champion.chosen[row]],
        challenger=challenger.labels[challenger.chosen[row]],
    )


def compare_behaviours(
    champion: Bundle, challenger: Bundle, folder: Path
) -> tuple[list[BehaviourFlip], list[BehaviourFlip]]:
    """Behavioural tests that are passed now and were not, and the other way round; none where there are no tests."""
    try:
        rows, _ = load_behaviours(folder)
    except TrainerError:  # the gate says so
        return [], []
    before = {each.behaviour.where: each.passed for each in run_behaviours(rows, champion.classifier)}
    gained: list[BehaviourFlip] = []
    lost: list[BehaviourFlip] = []
    for each in run_behaviours(rows, challenger.classifier):
        if (was_passed := before.get(each.behaviour.where)) is not None and was_passed != each.passed:
            (gained if each.passed else lost).append(behaviour_flip(each.behaviour, each.found))
    return gained, lost


def behaviour_flip(behaviour: Behaviour, found: str) -> BehaviourFlip:
    texts = f"“{behaviour.text}”" + (f" → “{behaviour.changed}”" if behaviour.changed else "")
    return BehaviourFlip(
        where=behaviour.where,
        capability=behaviour.capability,
        texts=texts,
        expected=behaviour.expected,
        found=found,
    )
