"""What the challenger is to score too: a share of the live predictions, noted while they are answered, and no more.

The texts are in memory only, bounded, and gone with the worker. shadow_scoring.py looks at them beside the requests.
"""

from collections import deque
from typing import NamedTuple

from inference.champion import ServedModel

# As many as a burst may leave; a tweet with what stands beside it takes about a kilobyte.
MOST_KEPT = 1_000


class Sample(NamedTuple):
    prediction_id: str
    text: str
    # What the caller was told, and by which model.
    label: str
    champion: ServedModel


class Shadow:
    """Notes are made on the event loop alone, and taken in one other thread: no lock."""

    def __init__(self, share: float) -> None:
        self._share = share
        # Evenly: each prediction adds its share, and one is taken whenever that makes a whole one.
        self._owed = 0.5
        self._samples: deque[Sample] = deque()
        # None where there is none, or none that differs from the champion.
        self.challenger: ServedModel | None = None
        # Since the worker started.
        self.dropped = 0

    def note(self, prediction_id: str, text: str, label: str, champion: ServedModel) -> None:
        if self.challenger is None:
            return
        self._owed += self._share
        if self._owed < 1:
            return
        self._owed -= 1
        if len(self._samples) < MOST_KEPT:
            self._samples.append(Sample(prediction_id, text, label, champion))
        else:
            self.dropped += 1

    def take(self) -> Sample | None:
        try:
            return self._samples.popleft()
        except IndexError:
            return None

    def clear(self) -> None:
        self._samples.clear()
