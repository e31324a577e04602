"""Live traffic: the champion's predictions out of the log, in windows of so many, and what people said of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from trainer.api import Api, Judgement, LoggedPrediction
from trainer.bundle import Bundle
from trainer.cleaning import keys as keys_of
from trainer.drift import Window
from trainer.drift_features import FeatureReader
from trainer.drift_monitors import AuditLot

# The audit lot is a window too, counted in answers: so many of the last that were drawn.
AUDITED = 200


@dataclass(frozen=True)
class Place:
    """The prediction number `offset` of the page behind the cursor `page`: the API gives a cursor for pages only."""

    page: int
    offset: int


class Traffic:
    """The predictions of one bundle, read once and in order; those whose text is not kept any more are left out."""

    def __init__(self, api: Api, bundle: Bundle, audited: list[str] | None = None) -> None:
        """`audited`: ids of predictions that were read before, and drawn by lot."""
        self._api = api
        self._digest = bundle.digest
        self._labels = {label: place for place, label in enumerate(bundle.card.labels)}
        self._reader = FeatureReader(bundle.classifier.tokenizer)
        self._audited = dict.fromkeys(audited or [])
        self._ends: list[Place] = []
        self.waiting = 0  # for the window that is not full yet
        self.without_text = 0

    def windows(self, since: int, size: int) -> Iterator[Window]:
        """Full windows, the first of them from the cursor on."""
        gathered: list[LoggedPrediction] = []
        for prediction, place in self._read(since):
            gathered.append(prediction)
            if len(gathered) == size:
                self._ends = [*self._ends[-1:], place]
                yield self.window_of(gathered)
                gathered = []
        self.waiting = len(gathered)

    def _read(self, since: int) -> Iterator[tuple[LoggedPrediction, Place]]:
        page_cursor = since
        with tqdm(desc="predictions", unit=" predictions", unit_scale=True, disable=None) as progress:
            for page in self._api.predictions(since):
                for offset, prediction in enumerate(page.items):
                    if prediction.model.digest == self._digest and prediction.label in self._labels:
                        self._note(prediction)
                        if prediction.text:
                            yield prediction, Place(page_cursor, offset)
                page_cursor = page.next_since
                progress.update(len(page.items))

    def _note(self, prediction: LoggedPrediction) -> None:
        self.without_text += not prediction.text
        if prediction.audited:
            self._audited[prediction.prediction_id] = None

    def window_of(self, predictions: list[LoggedPrediction]) -> Window:
        """As they were answered, not as they would be now."""
        texts = [prediction.text or "" for prediction in predictions]
        probabilities = np.array(
            [[prediction.probabilities[label] for label in self._labels] for prediction in predictions], np.float32
        )
        chosen = np.array([self._labels[prediction.label] for prediction in predictions], np.int64)
        return Window(
            self._reader.read(texts, probabilities, chosen),
            since=predictions[0].created_at,
            until=predictions[-1].created_at,
            keys=keys_of(texts),
        )

    def end(self) -> int:
        """The cursor behind the last full window."""
        return self._cursor(self._ends[-1])

    def begin_of_last(self, since: int) -> int:
        """The cursor before the last full window; `since` is where reading began."""
        return self._cursor(self._ends[-2]) if len(self._ends) > 1 else since

    def _cursor(self, place: Place) -> int:
        return next(self._api.predictions(place.page, limit=place.offset + 1)).next_since

    @property
    def audited(self) -> list[str]:
        """The last that were drawn by lot."""
        return list(self._audited)[-AUDITED:]


def read_lot(api: Api, version: str, audited: list[str]) -> AuditLot:
    """What people said of those drawn by lot, and of the last others of this version."""
    standing: dict[str, Judgement] = {}
    for page in api.judgements(0):
        standing.update({each.prediction_id: each for each in page.items})
    judged = [standing[each] for each in audited if each in standing]
    clicked = [each for each in standing.values() if each.model_version == version and not each.audited][-AUDITED:]
    return AuditLot(
        drawn=len(audited),
        judged=len(judged),
        rejected=sum(each.verdict == "rejected" for each in judged),
        clicked=len(clicked),
        clicked_rejected=sum(each.verdict == "rejected" for each in clicked),
    )
