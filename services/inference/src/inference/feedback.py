"""Feedback: a person confirms or rejects one prediction; the last verdict stands, all are kept."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header

from inference.access.guard import needs
from inference.audit import is_audited
from inference.body import JsonRoute
from inference.database import in_database
from inference.dependencies import (
    CurrentBackground,
    CurrentFeedback,
    CurrentLog,
    CurrentMetrics,
    CurrentPrivacy,
    CurrentSettings,
    CurrentStore,
    Limit,
    Since,
)
from inference.errors import FieldError, InvalidInput
from inference.feedback_store import JudgedPrediction, StoredFeedback
from inference.finding import find_prediction
from inference.openapi import problems
from inference.schemas import FeedbackAnswer, FeedbackItem, FeedbackPage, FeedbackRequest
from inference.store import StoredPrediction

router = APIRouter(prefix="/v1/feedback", tags=["feedback"], route_class=JsonRoute)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="A key that wrote a verdict on this prediction is answered with that verdict, and writes none.",
    ),
]


@router.post(
    "", status_code=201, dependencies=needs("feedback"), responses=problems(400, 404, 408, 413, 415, 422, 429, 503)
)
async def give_feedback(
    body: FeedbackRequest,
    store: CurrentStore,
    log: CurrentLog,
    feedback: CurrentFeedback,
    privacy: CurrentPrivacy,
    metrics: CurrentMetrics,
    background: CurrentBackground,
    idempotency_key: IdempotencyKey = None,
) -> FeedbackAnswer:
    prediction = await find_prediction(body.prediction_id, store, log)
    check_label(body, prediction)
    given = StoredFeedback(
        prediction.prediction_id,
        body.verdict,
        # Said in one way only, so that the same verdict in other words is seen to be the same.
        label=prediction.label if body.verdict == "confirmed" else body.label,
        # A blank one says nothing; what says something is kept as it was typed.
        comment=privacy.kept(body.comment) if body.comment and body.comment.strip() else None,
        created_at=datetime.now(UTC),
        reviewer=privacy.pseudonym_if_named(body.reviewer),
    )
    stands = await in_database(feedback.write_feedback, given, idempotency_key)
    if stands is given:
        metrics.verdicts.labels(given.verdict).inc()
        background.wake()
    return describe_feedback(stands)


@router.get("", dependencies=needs("read"), responses=problems(422, 429, 503))
async def list_feedback(
    feedback: CurrentFeedback, settings: CurrentSettings, since: Since = 0, limit: Limit = 100
) -> FeedbackPage:
    page = await in_database(feedback.read_feedback, since, limit)
    return FeedbackPage(
        items=[describe_item(judged, settings.audit_share) for judged in page.items], next_since=page.next_since
    )


def check_label(body: FeedbackRequest, prediction: StoredPrediction) -> None:
    if body.label is None:
        return
    if body.label not in prediction.probabilities:
        raise wrong_label("must be one of the labels of the prediction")
    if (body.verdict == "confirmed") != (body.label == prediction.label):
        raise wrong_label("must be the predicted label where that is confirmed, another where it is rejected")


def wrong_label(reason: str) -> InvalidInput:
    return InvalidInput(errors=[FieldError(field="label", reason=reason)])


def describe_feedback(row: StoredFeedback) -> FeedbackAnswer:
    return FeedbackAnswer(
        prediction_id=row.prediction_id,
        verdict=row.verdict,
        label=row.label,
        comment=row.comment,
        created_at=row.created_at,
    )


def describe_item(judged: JudgedPrediction, audit_share: float) -> FeedbackItem:
    return FeedbackItem(
        **dict(describe_feedback(judged.feedback)),
        reviewer=judged.feedback.reviewer,
        predicted_label=judged.predicted_label,
        text=judged.text or None,
        model_version=judged.model_version,
        audited=is_audited(judged.feedback.prediction_id, audit_share),
    )
