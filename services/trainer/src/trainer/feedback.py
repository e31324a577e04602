"""What people said of the model's answers, as labelled tweets: read from the API, held in memory, never written down.

Who asks to be forgotten is forgotten by the service that keeps the tweets. A copy of them among the training data would
outlive that, so there is none: each retraining reads anew what is kept at that time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tqdm import tqdm

from trainer.api import Api, Judgement
from trainer.cleaning import keys, repair_all


@dataclass(frozen=True)
class Correction:
    """A tweet and the label that a person's last verdict gives it; of a confirmed answer that is the answer's own.

    `reviewer` is a pseudonym, None where nobody was named; `key` says which tweets are the same (cleaning.py).
    """

    prediction_id: str
    text: str = field(repr=False)  # not for a log
    label: str
    reviewer: str | None
    predicted_label: str
    model_version: str
    created_at: datetime
    audited: bool
    key: str = field(repr=False)


@dataclass(frozen=True)
class Feedback:
    """Corrections, and what became of the other verdicts. `until` is the cursor behind the last one."""

    corrections: list[Correction]
    since: int
    until: int
    verdicts: int
    replaced: int = 0  # by a later one on the same prediction
    without_label: int = 0  # rejected, and nobody said what is right
    without_text: int = 0  # not kept any more, or nothing but handles and addresses


def read_feedback(api: Api, labels: Sequence[str], since: int = 0) -> Feedback:
    """All verdicts from the cursor on; `labels` are those that the model to be trained knows."""
    standing: dict[str, Judgement] = {}
    verdicts, until = 0, since
    with tqdm(desc="verdicts", unit=" verdicts", unit_scale=True, disable=None) as progress:
        for page in api.judgements(since):
            standing.update({each.prediction_id: each for each in page.items})
            verdicts, until = verdicts + len(page.items), page.next_since
            progress.update(len(page.items))
    labelled = [(each, label) for each in standing.values() if (label := right_label(each, labels)) is not None]
    corrections = build_corrections(labelled)
    return Feedback(
        corrections,
        since,
        until,
        verdicts,
        replaced=verdicts - len(standing),
        without_label=len(standing) - len(labelled),
        without_text=len(labelled) - len(corrections),
    )


def count_new(api: Api, since: int) -> int:
    """How many verdicts came after the cursor."""
    return sum(len(page.items) for page in api.judgements(since))


def right_label(judgement: Judgement, labels: Sequence[str]) -> str | None:
    """What the verdict says is right; None where it does not say, or the model knows no such label."""
    if judgement.verdict == "confirmed":
        label: str | None = judgement.predicted_label
    elif judgement.label is not None:
        label = judgement.label
    else:
        label = the_other(judgement.predicted_label, labels)
    return label if label in labels else None


def the_other(label: str, labels: Sequence[str]) -> str | None:
    """Of two labels the one that is left when this one is wrong; None where more are left, or it is none of them."""
    others = [each for each in labels if each != label]
    return others[0] if len(others) == 1 else None


def build_corrections(labelled: Iterable[tuple[Judgement, str]]) -> list[Correction]:
    kept = [(each, label) for each, label in labelled if each.text]
    texts = repair_all([each.text or "" for each, _ in kept])
    return [
        Correction(
            prediction_id=each.prediction_id,
            text=text,
            label=label,
            reviewer=each.reviewer,
            predicted_label=each.predicted_label,
            model_version=each.model_version,
            created_at=each.created_at,
            audited=each.audited,
            key=key,
        )
        for (each, label), text, key in zip(kept, texts, keys(texts), strict=True)
        if key
    ]
