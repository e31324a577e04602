"""The SQL of the shadow: what challengers made of live tweets is added up here, read, and forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Uuid, and_, bindparam, delete, exists, func, not_, select, text

from inference.database import POSTGRES
from inference.feedback_store import Verdict
from inference.loop_tables import shadow_disagreements, shadow_totals
from inference.tables import UtcDateTime, feedback, predictions
from inference.transactions import Transactions

# Retention has the same lock for itself: what it forgets is seen here to be forgotten.
WAIT_FOR_RETENTION = text("SELECT pg_advisory_xact_lock_shared(hashtext('retention'))")

TIMES = (bindparam("since", type_=UtcDateTime), bindparam("until", type_=UtcDateTime))
ADD_TOTAL = text("""
    INSERT INTO shadow_totals (challenger_digest, champion_digest, challenger_version, champion_version, since, until,
        compared, disagreed, dropped, challenger_seconds, champion_seconds)
    VALUES (:challenger_digest, :champion_digest, :challenger_version, :champion_version, :since, :until,
        :compared, :disagreed, :dropped, :challenger_seconds, :champion_seconds)
    ON CONFLICT (challenger_digest, champion_digest) DO UPDATE SET
        challenger_version = excluded.challenger_version,
        champion_version = excluded.champion_version,
        since = CASE WHEN excluded.since < shadow_totals.since THEN excluded.since ELSE shadow_totals.since END,
        until = CASE WHEN excluded.until > shadow_totals.until THEN excluded.until ELSE shadow_totals.until END,
        compared = shadow_totals.compared + excluded.compared,
        disagreed = shadow_totals.disagreed + excluded.disagreed,
        dropped = shadow_totals.dropped + excluded.dropped,
        challenger_seconds = shadow_totals.challenger_seconds + excluded.challenger_seconds,
        champion_seconds = shadow_totals.champion_seconds + excluded.champion_seconds""").bindparams(*TIMES)
# Not of a prediction whose text was forgotten meanwhile: nothing would come to forget this.
ADD_DISAGREEMENT = text("""
    INSERT INTO shadow_disagreements (prediction_id, challenger_digest, challenger_version, champion_digest, label,
        probability, champion_label, created_at)
    SELECT :prediction_id, :challenger_digest, :challenger_version, :champion_digest, :label,
        :probability, :champion_label, :created_at
    WHERE NOT EXISTS (SELECT 1 FROM predictions WHERE prediction_id = :prediction_id AND text = '')
    ON CONFLICT (prediction_id, challenger_digest) DO NOTHING""").bindparams(
    bindparam("prediction_id", type_=Uuid), bindparam("created_at", type_=UtcDateTime)
)
# On Postgres the service may delete nothing itself.
FORGET_DISAGREEMENTS = text("SELECT forget_disagreements(:ids)").bindparams(bindparam("ids", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class ShadowTotal:
    """A challenger beside a champion, so far or since the last time that it was written."""

    challenger_digest: str
    champion_digest: str
    challenger_version: str
    champion_version: str
    since: datetime
    until: datetime
    compared: int
    disagreed: int
    dropped: int
    challenger_seconds: float
    champion_seconds: float

    @property
    def pair(self) -> tuple[str, str]:
        return self.challenger_digest, self.champion_digest


@dataclass(frozen=True, slots=True)
class FoundDisagreement:
    prediction_id: UUID
    challenger_digest: str
    challenger_version: str
    champion_digest: str
    label: str
    probability: float
    champion_label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredDisagreement:
    prediction_id: UUID
    label: str
    probability: float
    champion_label: str
    created_at: datetime
    # Empty where it is not kept any more, None where the prediction is still on its way.
    text: str | None
    right_label: str | None


@dataclass(frozen=True, slots=True)
class Right:
    """Of the disagreements that people judged: how often each was right."""

    challenger: int = 0
    champion: int = 0


class ShadowStore(Transactions):
    """Every method raises Unavailable."""

    def write(self, totals: Iterable[ShadowTotal], found: Sequence[FoundDisagreement]) -> None:
        """Add to what is there, of this worker and of others."""
        with self._writing() as connection:
            if connection.dialect.name == POSTGRES:
                connection.execute(WAIT_FOR_RETENTION)
            # In one order, so that two workers do not wait for each other.
            for total in sorted(totals, key=lambda total: total.pair):
                connection.execute(ADD_TOTAL, asdict(total))
            if found:
                connection.execute(ADD_DISAGREEMENT, [asdict(each) for each in found])

    def read_totals(self, limit: int) -> list[ShadowTotal]:
        """The latest pair first."""
        query = select(shadow_totals).order_by(shadow_totals.c.until.desc()).limit(limit)
        with self._reading() as connection:
            return [ShadowTotal(**row) for row in connection.execute(query).mappings()]

    def read_disagreements(self, total: ShadowTotal, limit: int) -> list[StoredDisagreement]:
        """The latest first."""
        names = ("prediction_id", "label", "probability", "champion_label", "created_at")
        said = (feedback.c.verdict, feedback.c.label.label("said"), predictions.c.text, predictions.c.probabilities)
        query = (
            select(*(shadow_disagreements.c[name] for name in names), *said)
            .select_from(
                shadow_disagreements.outerjoin(
                    predictions, predictions.c.prediction_id == shadow_disagreements.c.prediction_id
                ).outerjoin(feedback, is_last_verdict_on(shadow_disagreements.c.prediction_id))
            )
            .where(of_pair(total))
            .order_by(shadow_disagreements.c.created_at.desc(), shadow_disagreements.c.prediction_id)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            StoredDisagreement(
                **{name: row[name] for name in names},
                text=row["text"],
                right_label=right_label(row["champion_label"], row["verdict"], row["said"], row["probabilities"] or ()),
            )
            for row in rows
        ]

    def count_right(self, total: ShadowTotal) -> Right:
        """Over all disagreements of the pair, counted by the database: there may be many."""
        columns = (
            shadow_disagreements.c.label,
            shadow_disagreements.c.champion_label,
            feedback.c.verdict,
            feedback.c.label.label("said"),
        )
        joined = shadow_disagreements.join(feedback, is_last_verdict_on(shadow_disagreements.c.prediction_id))
        counts = select(*columns, func.count().label("times")).select_from(joined).where(of_pair(total))
        with self._reading() as connection:
            labels = read_labels(connection, total)
            rows = connection.execute(counts.group_by(*columns)).mappings().all()
        challenger = champion = 0
        for row in rows:
            right = right_label(row["champion_label"], row["verdict"], row["said"], labels)
            challenger += row["times"] * (right == row["label"])
            champion += row["times"] * (right == row["champion_label"])
        return Right(challenger, champion)


def right_label(predicted: str, verdict: Verdict | None, said: str | None, labels: Iterable[str]) -> str | None:
    """What the last verdict says of a prediction; None where it leaves that open, or where there is none."""
    if verdict is None:
        return None
    if verdict == "confirmed":
        return predicted
    others = [label for label in labels if label != predicted]
    return said or (others[0] if len(others) == 1 else None)


def of_pair(total: ShadowTotal) -> ColumnElement[bool]:
    """With the times, because they have an index."""
    own = shadow_disagreements.c
    return and_(
        own.challenger_digest == total.challenger_digest,
        own.champion_digest == total.champion_digest,
        own.created_at.between(total.since, total.until),
    )


def is_last_verdict_on(prediction_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    later = feedback.alias("later")
    latest = select(func.max(later.c.sequence)).where(later.c.prediction_id == prediction_id).scalar_subquery()
    return and_(feedback.c.prediction_id == prediction_id, feedback.c.sequence == latest)


def read_labels(connection: Connection, total: ShadowTotal) -> list[str]:
    """The champion's, from any of its answers."""
    joined = shadow_disagreements.join(predictions, predictions.c.prediction_id == shadow_disagreements.c.prediction_id)
    query = select(predictions.c.probabilities).select_from(joined).where(of_pair(total)).limit(1)
    return list(connection.execute(query).scalar_one_or_none() or ())


def is_forgotten() -> ColumnElement[bool]:
    """Nothing is kept of the prediction. The function of Postgres deletes no others (migration 0005)."""
    kept = exists().where(predictions.c.prediction_id == shadow_disagreements.c.prediction_id, predictions.c.text != "")
    return not_(kept)


def forget_disagreements(connection: Connection, prediction_ids: Sequence[UUID]) -> None:
    """Those with predictions that are forgotten themselves."""
    if connection.dialect.name == POSTGRES:
        connection.execute(FORGET_DISAGREEMENTS, {"ids": list(prediction_ids)})
        return
    these = shadow_disagreements.c.prediction_id.in_(prediction_ids)
    connection.execute(delete(shadow_disagreements).where(these, is_forgotten()))


def expire_disagreements(connection: Connection, before: datetime, limit: int) -> int:
    """Some of what is older, as soon as the prediction is forgotten. How many predictions they were of."""
    own = shadow_disagreements.c
    query = select(own.prediction_id).where(own.created_at < before, is_forgotten())
    old = connection.execute(query.order_by(own.created_at).limit(limit)).scalars().all()
    forget_disagreements(connection, old)
    return len(old)
