"""The SQL of the review queue: which predictions a person might look at. Bounded, however much there is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, distinct, exists, func, select

from inference.feedback_store import Verdict
from inference.loop_tables import shadow_disagreements
from inference.store import StoredPrediction, build_prediction
from inference.tables import feedback, predictions
from inference.transactions import Transactions

# The latest predictions and verdicts; the latest disagreements, of which a person sees a few a day.
LOOKED_AT, DISAGREEMENTS = 2_000, 200

is_unjudged = ~exists().where(feedback.c.prediction_id == predictions.c.prediction_id)
has_text = predictions.c.text != ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """All with a text, in no order."""

    unjudged: list[StoredPrediction]
    # People said both of these, and neither prevails.
    contested: list[StoredPrediction]
    # Nobody judged these, and a challenger gave another label.
    disagreed: list[StoredPrediction]


class ReviewStore(Transactions):
    """Every method raises Unavailable."""

    def read_candidates(self) -> Candidates:
        with self._reading() as connection:
            return Candidates(
                unjudged=read_unjudged(connection),
                contested=read_contested(connection),
                disagreed=read_disagreed(connection),
            )

    def count_judged(self, since: datetime) -> int:
        """Predictions that have had their present verdict, or a first one, since then."""
        query = select(func.count(distinct(feedback.c.prediction_id))).where(feedback.c.verdict_since >= since)
        with self._reading() as connection:
            count: int = connection.execute(query).scalar_one()
        return count


def read_unjudged(connection: Connection) -> list[StoredPrediction]:
    # Of the latest, and not the latest of them: where most are judged, those might be far back.
    latest = select(predictions.c.sequence).order_by(predictions.c.sequence.desc()).limit(LOOKED_AT).subquery()
    first = select(func.min(latest.c.sequence)).scalar_subquery()
    return read_predictions(connection, is_unjudged & (predictions.c.sequence >= first))


def read_disagreed(connection: Connection) -> list[StoredPrediction]:
    own = shadow_disagreements.c
    latest = select(own.prediction_id).order_by(own.created_at.desc()).limit(DISAGREEMENTS)
    return read_predictions(connection, is_unjudged & predictions.c.prediction_id.in_(latest))


def read_contested(connection: Connection) -> list[StoredPrediction]:
    latest = select(feedback.c.prediction_id).order_by(feedback.c.sequence.desc()).limit(LOOKED_AT)
    columns = (feedback.c.prediction_id, feedback.c.verdict, feedback.c.reviewer)
    query = select(*columns).where(feedback.c.prediction_id.in_(latest)).order_by(feedback.c.sequence)
    said: defaultdict[UUID, list[tuple[Verdict, str | None]]] = defaultdict(list)
    for prediction_id, verdict, reviewer in connection.execute(query):
        said[prediction_id].append((verdict, reviewer))
    contested = [prediction_id for prediction_id, verdicts in said.items() if is_contested(verdicts)]
    return read_predictions(connection, predictions.c.prediction_id.in_(contested)) if contested else []


def is_contested(said: Sequence[tuple[Verdict, str | None]]) -> bool:
    """Whether as many confirm as reject. Of a person who is named the last word counts, of the others each."""
    last = {reviewer or place: verdict for place, (verdict, reviewer) in enumerate(said)}
    return bool(last) and 2 * sum(verdict == "confirmed" for verdict in last.values()) == len(last)


def read_predictions(connection: Connection, which: ColumnElement[bool]) -> list[StoredPrediction]:
    rows = connection.execute(select(predictions).where(which, has_text)).mappings()
    return [build_prediction(row) for row in rows]
