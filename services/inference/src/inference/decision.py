"""From probabilities to a label: where the bundle's threshold and its band of doubt are applied."""

from typing import NamedTuple

from inference.bundle import NEGATIVE, ModelDescription


class Classification(NamedTuple):
    label: str
    probability: float
    probabilities: dict[str, float]
    abstained: bool


class Decision:
    def __init__(self, description: ModelDescription) -> None:
        self._labels = description.labels
        self._negative = description.labels.index(NEGATIVE)
        self._rivals = [index for index in range(len(description.labels)) if index != self._negative]
        self._threshold = description.threshold
        self._low, self._high = description.abstain_band

    def decide(self, row: list[float]) -> Classification:
        """Negative is weighed against its strongest rival; with two labels its share is its probability."""
        rival = self._rivals[0] if len(row) == 2 else max(self._rivals, key=row.__getitem__)
        share = row[self._negative] / (row[self._negative] + row[rival])
        index = self._negative if share >= self._threshold else rival
        probabilities = dict(zip(self._labels, row, strict=True))
        return Classification(self._labels[index], row[index], probabilities, self._low <= share <= self._high)
