"""The champion's own training data, mixed with what people corrected: what it knows is not to be forgotten for it.

The corrections become a part of the mixture that is called `feedback`, with a train, a validation and a test side of
its own. A tweet's side follows from what it says: what was held out once is held out in every later retraining.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from trainer.cleaning import keys
from trainer.dataset import Dataset, DatasetNotFound, Tweets
from trainer.dataset_report import DatasetReport, count_splits
from trainer.feedback import Correction
from trainer.mixing import SEPARATOR, TIMES, load_mixture
from trainer.settings import Settings
from trainer.splitting import Sides, Split, fractions

FEEDBACK = "feedback"
TEST_SHARE, VALIDATION_SHARE = 0.1, 0.05
# One person's word about one tweet is to weigh no more than that of so many tweets, however few corrections there are.
MOST_COPIES = 50
TERMS = "Tweets and verdicts of people: theirs to have erased."


@dataclass(frozen=True)
class Mixture:
    """`held_out`: the corrections of the dataset's part `feedback` that are its test, in their order."""

    dataset: Dataset
    held_out: list[Correction]
    copies: int


def replay_name(dataset: str) -> str:
    """A dataset's name without the part that came from people: it is read anew each time."""
    parts = dataset.split(SEPARATOR)
    return SEPARATOR.join(part for part in parts if part.partition(TIMES)[0] != FEEDBACK)


def load_replay(name: str, labels: tuple[str, ...], settings: Settings) -> Dataset:
    """The original data. Raises DatasetNotFound, with what to do, where it is not on this machine."""
    if not name:
        raise DatasetNotFound("the champion learned from nothing but feedback: name what to mix it with, --replay NAME")
    try:
        return load_mixture(name, data_dir=settings.data_dir, sample_dir=settings.sample_dir, labels=labels)
    except DatasetNotFound as error:
        raise DatasetNotFound(
            f"the new model must not forget what the champion learned, but {str(error).rstrip('.')}. "
            "Or mix with another set: --replay NAME (`sample` is always there)"
        ) from None


def known_labels(replay: Dataset, wanted: Set[str]) -> dict[str, str]:
    """The labels that the original data has for these keys, train and validation side."""
    found: dict[str, str] = {}
    for side in (replay.train, replay.validation):
        for key, label in zip(keys(side.texts), side.labels.tolist(), strict=True):
            if key in wanted:
                found[key] = replay.labels[label]
    return found


def mix(
    replay: Dataset, corrections: Sequence[Correction], *, share: float, tweets: int | None = None, seed: int = 0
) -> Mixture:
    """The original data, or so many `tweets` of its train side, and the corrections as `share` of what is trained on.

    Both train and validation are mixed so: the threshold and the calibration are found on tweets like those learned.
    """
    sides = split_corrections(corrections)
    part = build_part(corrections, sides, replay.labels)
    train = replay.train if tweets is None else draw(replay.train, tweets, seed)
    copies = copies_for(len(part.train), len(train), share)
    validation_copies = copies_for(len(part.validation), len(replay.validation), share)
    identity = f"{replay.fingerprint} {len(train)} {part.fingerprint} {copies}"
    dataset = replace(
        replay,
        name=f"{replay.name}{SEPARATOR}{FEEDBACK}" + (f"{TIMES}{copies}" if copies > 1 else ""),
        fingerprint=sha256(identity.encode()).hexdigest(),
        train=joined(train, part.train, copies),
        validation=joined(replay.validation, part.validation, validation_copies),
        test=joined(replay.test, part.test, 1),
        terms=f"{replay.terms} {TERMS}",
        parts=(*(replay.parts or (replay,)), part),
    )
    held_out = [correction for correction, side in zip(corrections, sides, strict=True) if side == Split.TEST]
    return Mixture(dataset, held_out, copies)


def split_corrections(corrections: Sequence[Correction]) -> Sides:
    """A side for each, by its key. # (corrections,)"""
    # Not the places of the published sets: what is trained on there would never be tested on here.
    places = fractions([f"{FEEDBACK} {each.key}" for each in corrections])
    sides = np.full(len(corrections), Split.TRAIN, dtype=np.int8)
    sides[places < TEST_SHARE + VALIDATION_SHARE] = Split.VALIDATION
    sides[places < TEST_SHARE] = Split.TEST
    return sides


def build_part(corrections: Sequence[Correction], sides: Sides, labels: tuple[str, ...]) -> Dataset:
    """The corrections alone as a dataset, each once."""
    indices = np.array([labels.index(each.label) for each in corrections], dtype=np.int64)
    lines = sorted(
        f"{Split(side).name}\x1f{each.label}\x1f{each.key}"
        for each, side in zip(corrections, sides.tolist(), strict=True)
    )
    counts = count_splits(labels, indices, sides)
    by_side = {
        side: Tweets([corrections[row].text for row in np.flatnonzero(sides == side).tolist()], indices[sides == side])
        for side in (Split.TRAIN, Split.VALIDATION, Split.TEST)
    }
    return Dataset(
        name=FEEDBACK,
        fingerprint=sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest(),
        labels=labels,
        train=by_side[Split.TRAIN],
        validation=by_side[Split.VALIDATION],
        test=by_side[Split.TEST],
        report=DatasetReport(len(corrections), 0, 0, 0, 0, 0, 0, splits=counts),
        terms=TERMS,
    )


def draw(tweets: Tweets, count: int, seed: int) -> Tweets:
    """So many of them, drawn by lot; all where there are no more."""
    if count >= len(tweets):
        return tweets
    rows = np.sort(np.random.default_rng(seed).choice(len(tweets), count, replace=False))
    return Tweets([tweets.texts[row] for row in rows.tolist()], tweets.labels[rows])


def copies_for(few: int, many: int, share: float) -> int:
    """How often the few are repeated to be `share` of the whole: at least once, at most MOST_COPIES times."""
    wanted = share / (1 - share) * many / max(1, few)
    return int(np.clip(round(wanted), 1, MOST_COPIES))


def joined(tweets: Tweets, few: Tweets, copies: int) -> Tweets:
    return Tweets(tweets.texts + few.texts * copies, np.concatenate([tweets.labels, *[few.labels] * copies]))
