"""What was answered to each row, as columns of numbers: a row takes some sixty bytes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ui.api.predictions import ModelReference, Prediction
from ui.batch.texts import Fate

ID_BYTES = 36
NO_LABEL = -1


class Answers:
    def __init__(self, rows: int) -> None:
        self.fates = np.full(rows, Fate.WAITING, np.uint8)
        # In the order in which the model has them; each row has the number of its own.
        self.labels: list[str] = []
        self.label_numbers = np.full(rows, NO_LABEL, np.int8)
        # rows x labels; not a number where nothing was answered.
        self.probabilities = np.full((rows, 0), np.nan)
        self.abstained = np.zeros(rows, np.bool_)
        self.prediction_ids = np.zeros(rows, f"S{ID_BYTES}")
        # What the API had against single rows.
        self.reasons: dict[int, str] = {}
        # Usually one; another where the champion changed meanwhile.
        self.models: list[ModelReference] = []

    def note(self, rows: NDArray[np.int64], predictions: Sequence[Prediction]) -> None:
        """The predictions of these rows, in their order."""
        for prediction in predictions:
            self._learn(prediction)
        self.label_numbers[rows] = [self.labels.index(prediction.label) for prediction in predictions]
        for number, label in enumerate(self.labels):
            self.probabilities[rows, number] = [each.probabilities.get(label, np.nan) for each in predictions]
        self.abstained[rows] = [prediction.abstained for prediction in predictions]
        self._note_ids(rows, [prediction.prediction_id.encode() for prediction in predictions])
        # Last: until then the rows are asked again.
        self.fates[rows] = Fate.ANSWERED

    def set_apart(self, row: int, fate: Fate, reason: str = "") -> None:
        self.fates[row] = fate
        if reason:
            self.reasons[row] = reason

    def count(self, fate: Fate) -> int:
        return int(np.count_nonzero(self.fates == fate))

    @property
    def waiting(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.fates == Fate.WAITING)

    @property
    def is_answered(self) -> NDArray[np.bool_]:
        answered: NDArray[np.bool_] = self.fates == Fate.ANSWERED
        return answered

    def label_counts(self) -> list[int]:
        return [int(np.count_nonzero(self.label_numbers == number)) for number in range(len(self.labels))]

    def prediction_id(self, row: int) -> str:
        return bytes(self.prediction_ids[row]).decode()

    def _learn(self, prediction: Prediction) -> None:
        if prediction.model not in self.models:
            self.models.append(prediction.model)
        for label in (*prediction.probabilities, prediction.label):
            if label not in self.labels:
                self.labels.append(label)
                column = np.full((len(self.fates), 1), np.nan)
                self.probabilities = np.hstack([self.probabilities, column])

    def _note_ids(self, rows: NDArray[np.int64], prediction_ids: list[bytes]) -> None:
        longest = max(map(len, prediction_ids), default=0)
        if longest > self.prediction_ids.itemsize:
            # It would be cut without a word.
            self.prediction_ids = self.prediction_ids.astype(f"S{longest}")
        self.prediction_ids[rows] = prediction_ids
