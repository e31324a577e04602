"""What callers were told is kept, what the database has, and what Application Insights got: is any lost, or made up?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.inference.recording_endpoint import RecordingEndpoint

EVENT = "prediction_rejected"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Predictions go by their id, rejections by `feedback_id`: the prediction's id, a colon, the number of its row."""

    # Predictions whose rejection was answered with 201.
    acknowledged: Sequence[str]
    # Rejections in the database.
    rows: Sequence[str]
    # Rejections that arrived as events, as often as they did.
    arrived: Sequence[str]

    @property
    def doubles(self) -> int:
        return len(self.arrived) - len(set(self.arrived))

    def faults(self) -> list[str]:
        """A line for each kind, with one of them; none where each was written once, and arrived at least once."""
        told, written = Counter(self.acknowledged), Counter(map(prediction_of, self.rows))
        rows, arrived = set(self.rows), set(self.arrived)
        kinds = {
            "acknowledged twice": more_than_once(told),
            "acknowledged, and not in the database": told.keys() - written.keys(),
            "in the database, and nobody was told": written.keys() - told.keys(),
            "in the database twice": more_than_once(written),
            "in the database, and did not arrive": rows - arrived,
            "arrived, and not in the database": arrived - rows,
        }
        return [f"{len(found)} {kind}, such as {min(found)}" for kind, found in kinds.items() if found]


def prediction_of(feedback_id: str) -> str:
    return feedback_id.partition(":")[0]


def more_than_once(counts: Counter[str]) -> set[str]:
    return {each for each, count in counts.items() if count > 1}


def arrived_at(endpoint: RecordingEndpoint) -> list[str]:
    """Their `feedback_id`s."""
    return [event["properties"]["feedback_id"] for event in endpoint.events(EVENT)]
