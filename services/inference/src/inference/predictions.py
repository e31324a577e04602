"""Predictions: asked one by one or in a batch, logged before they are answered, read back in pages."""

import unicodedata
from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Response

from inference.access.guard import needs
from inference.audit import is_audited
from inference.body import BatchRoute, JsonRoute
from inference.champion import ServedModel
from inference.database import in_database
from inference.dependencies import (
    CurrentAnswering,
    CurrentLog,
    CurrentModel,
    CurrentSettings,
    CurrentStore,
    Limit,
    Since,
)
from inference.errors import FieldError, InvalidInput, TextNotKept
from inference.explanation import Explanation, explain
from inference.finding import find_prediction
from inference.openapi import problems
from inference.schemas import (
    BatchAnswer,
    BatchRequest,
    ExplanationAnswer,
    ModelReference,
    PredictionAnswer,
    PredictionItem,
    PredictionPage,
    PredictionRequest,
    TokenContribution,
)
from inference.settings import Settings
from inference.store import StoredPrediction

router = APIRouter(prefix="/v1/predictions", tags=["predictions"], route_class=JsonRoute)
batch_router = APIRouter(prefix="/v1/predictions/batch", tags=["predictions"], route_class=BatchRoute)

JSON = "application/json"


# Most single texts never come here: door.py answers what is plainly right, in the same way.
@router.post(
    "",
    dependencies=needs("predict"),
    response_model=PredictionAnswer,
    responses=problems(400, 408, 413, 415, 422, 429, 503),
)
async def predict(body: PredictionRequest, settings: CurrentSettings, answering: CurrentAnswering) -> Response:
    check_length("text", body.text, settings)
    return Response(await answering.answer_one(body.text, body.author), media_type=JSON)


@batch_router.post(
    "", dependencies=needs("predict"), response_model=BatchAnswer, responses=problems(400, 408, 413, 415, 422, 429, 503)
)
async def predict_batch(body: BatchRequest, settings: CurrentSettings, answering: CurrentAnswering) -> Response:
    check_count(body, settings)
    for index, text in enumerate(body.texts):
        check_length(f"texts.{index}", text, settings)
    return Response(await answering.answer_batch(body.texts, body.authors), media_type=JSON)


@router.get("", dependencies=needs("read"), responses=problems(422, 429, 503))
async def list_predictions(
    store: CurrentStore, log: CurrentLog, settings: CurrentSettings, since: Since = 0, limit: Limit = 100
) -> PredictionPage:
    await log.catch_up()
    page = await in_database(store.read_predictions, since, limit)
    return PredictionPage(
        items=[describe_item(row, settings.audit_share) for row in page.items], next_since=page.next_since
    )


@router.post("/{prediction_id}/explanation", dependencies=needs("predict"), responses=problems(404, 410, 422, 429, 503))
async def explain_prediction(
    prediction_id: str, store: CurrentStore, log: CurrentLog, model: CurrentModel
) -> ExplanationAnswer:
    prediction = await find_prediction(prediction_id, store, log)
    if not prediction.text:
        raise TextNotKept
    if prediction.label not in model.classifier.description.labels:
        raise InvalidInput("The model that serves now does not know the label of this prediction.")
    given = await run_sync(partial(explain, model.classifier, prediction.text, prediction.label))
    return describe_explanation(prediction, given, model)


def check_count(body: BatchRequest, settings: Settings) -> None:
    if len(body.texts) > settings.batch_max_texts:
        reason = f"must hold at most {settings.batch_max_texts} texts"
        raise InvalidInput(errors=[FieldError(field="texts", reason=reason)])
    if body.authors is not None and len(body.authors) != len(body.texts):
        raise InvalidInput(errors=[FieldError(field="authors", reason="must name one author, or null, for each text")])


def check_length(field: str, text: str, settings: Settings) -> None:
    if is_longer(text, settings.text_max_characters):
        reason = f"must hold at most {settings.text_max_characters} characters"
        raise InvalidInput(errors=[FieldError(field=field, reason=reason)])


def is_longer(text: str, limit: int) -> bool:
    """Counted as people see it: an accent typed as two code points is one character."""
    # No character is made of more than four, and composing takes the square of the length: 18 s for 256 KiB of accents.
    return len(text) > 4 * limit or len(unicodedata.normalize("NFC", text)) > limit


def describe_explanation(prediction: StoredPrediction, given: Explanation, model: ServedModel) -> ExplanationAnswer:
    return ExplanationAnswer(
        prediction_id=prediction.prediction_id,
        text=prediction.text,
        label=given.label,
        log_odds=given.log_odds,
        baseline=given.baseline,
        tokens=[
            TokenContribution(token=each.token, start=each.start, end=each.end, contribution=each.log_odds)
            for each in given.contributions
        ],
        model=ModelReference(
            name=model.classifier.description.name, version=model.version, digest=model.classifier.digest
        ),
    )


def describe_item(row: StoredPrediction, audit_share: float) -> PredictionItem:
    return PredictionItem(
        prediction_id=row.prediction_id,
        label=row.label,
        probability=row.probability,
        probabilities=row.probabilities,
        abstained=row.abstained,
        model=ModelReference(name=row.model_name, version=row.model_version, digest=row.model_digest),
        text=row.text or None,
        created_at=row.created_at,
        audited=is_audited(row.prediction_id, audit_share),
    )
