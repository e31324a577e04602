"""The few tweets most worth a person's minute: a bit of each reason in turn, and one text once."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference.audit import is_audited, lot_of
from inference.bundle import NEGATIVE
from inference.champion import ServedModel
from inference.loop_schemas import ReviewReason
from inference.masking import mask
from inference.review_store import Candidates
from inference.store import StoredPrediction

RECENT = timedelta(hours=24)
# Of a model that is not served any more the threshold is not known.
USUAL_THRESHOLD = 0.5

Predictions = Sequence[StoredPrediction]


@dataclass(frozen=True, slots=True)
class Pick:
    prediction: StoredPrediction
    why: ReviewReason


def choose(
    candidates: Candidates, served: ServedModel | None, audit_share: float, now: datetime, limit: int
) -> list[Pick]:
    """Told from what is stored alone, so that who asks again gets the same. Without a model nothing is novel."""
    since = first_moment(candidates, now)
    unjudged, contested, disagreed = (
        [each for each in group if each.created_at >= since]
        for group in (candidates.unjudged, candidates.contested, candidates.disagreed)
    )
    # Those drawn by lot are no candidates for another reason: what a tweet says would decide which are judged first.
    audited = [each for each in unjudged if is_audited(each.prediction_id, audit_share)]
    others = [each for each in unjudged if not is_audited(each.prediction_id, audit_share)]
    disputed = [each for each in disagreed if not is_audited(each.prediction_id, audit_share)]
    return mix(
        {
            "audit": by_lot(audited),
            "disputed": [*by_lot(contested), *by_lot(disputed)],
            "uncertain": sorted(others, key=lambda each: (not each.abstained, distance(each, served), lot(each))),
            "novel": novel(others, served),
        },
        limit,
    )


def first_moment(candidates: Candidates, now: datetime) -> datetime:
    """A day ago; where there was nothing since, the beginning."""
    a_day_ago = now - RECENT
    every = (*candidates.unjudged, *candidates.contested, *candidates.disagreed)
    if any(each.created_at >= a_day_ago for each in every):
        return a_day_ago
    return min((each.created_at for each in every), default=a_day_ago)


def mix(ordered: Mapping[ReviewReason, Predictions], limit: int) -> list[Pick]:
    """In turns. A copy of a text waits, unless it was drawn by lot: a lot without the copies is another lot."""
    waiting = {why: iter(predictions) for why, predictions in ordered.items()}
    picks: list[Pick] = []
    seen: set[str] = set()
    while waiting and len(picks) < limit:
        for why in list(waiting):
            found = next((each for each in waiting[why] if why == "audit" or plain(each.text) not in seen), None)
            if found is None:
                del waiting[why]
            elif len(picks) < limit:
                picks.append(Pick(found, why))
                seen.add(plain(found.text))
    return picks


def plain(text: str) -> str:
    """The same for texts that a person takes for the same."""
    return " ".join(unicodedata.normalize("NFKC", mask(text)).casefold().split())


def lot(prediction: StoredPrediction) -> int:
    return lot_of(prediction.prediction_id)


def by_lot(predictions: Iterable[StoredPrediction]) -> list[StoredPrediction]:
    return sorted(predictions, key=lot)


def distance(prediction: StoredPrediction, served: ServedModel | None) -> float:
    """How far the share of negative, beside its strongest rival, is from where the label changes."""
    is_served = served is not None and served.classifier.digest == prediction.model_digest
    threshold = served.classifier.description.threshold if served is not None and is_served else USUAL_THRESHOLD
    negative = prediction.probabilities.get(NEGATIVE, 0.0)
    rival = max((share for label, share in prediction.probabilities.items() if label != NEGATIVE), default=0.0)
    return abs(negative / (negative + rival or 1.0) - threshold)


def novel(predictions: Predictions, served: ServedModel | None) -> list[StoredPrediction]:
    """Those with words that the model in memory does not know, those with the largest share of them first."""
    if served is None:
        return []
    shares = served.classifier.unknown_shares([each.text for each in predictions])
    found = [(share, each) for share, each in zip(shares, predictions, strict=True) if share]
    return [each for _, each in sorted(found, key=lambda pair: (-pair[0], lot(pair[1])))]
