"""Predictions: asked one by one or in a batch, committed before they are answered, read back in pages."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from fastapi import APIRouter

from inference.body import BatchRoute, JsonRoute
from inference.champion import ServedModel
from inference.dependencies import CurrentModel, CurrentSettings, CurrentStore, Limit, Since
from inference.errors import FieldError, InvalidInput
from inference.openapi import problems
from inference.schemas import (
    BatchAnswer,
    BatchRequest,
    ModelReference,
    PredictionAnswer,
    PredictionItem,
    PredictionPage,
    PredictionRequest,
)
from inference.settings import Settings
from inference.store import StoredPrediction

router = APIRouter(prefix="/v1/predictions", tags=["predictions"], route_class=JsonRoute)
batch_router = APIRouter(prefix="/v1/predictions/batch", tags=["predictions"], route_class=BatchRoute)


@router.post("", responses=problems(400, 413, 415, 422, 503))
def predict(
    body: PredictionRequest, settings: CurrentSettings, model: CurrentModel, store: CurrentStore
) -> PredictionAnswer:
    check_length("text", body.text, settings)
    [row] = predict_rows([body.text], model)
    store.write_predictions([row])
    return describe_prediction(row)


@batch_router.post("", responses=problems(400, 413, 415, 422, 503))
def predict_batch(
    body: BatchRequest, settings: CurrentSettings, model: CurrentModel, store: CurrentStore
) -> BatchAnswer:
    check_count(body.texts, settings)
    for index, text in enumerate(body.texts):
        check_length(f"texts.{index}", text, settings)
    rows = predict_rows(body.texts, model)
    store.write_predictions(rows)
    return BatchAnswer(predictions=[describe_prediction(row) for row in rows])


@router.get("", responses=problems(422, 503))
def list_predictions(store: CurrentStore, since: Since = 0, limit: Limit = 100) -> PredictionPage:
    page = store.read_predictions(since, limit)
    return PredictionPage(items=[describe_item(row) for row in page.items], next_since=page.next_since)


def check_count(texts: Sequence[str], settings: Settings) -> None:
    if len(texts) > settings.batch_max_texts:
        reason = f"must hold at most {settings.batch_max_texts} texts"
        raise InvalidInput(errors=[FieldError(field="texts", reason=reason)])


def check_length(field: str, text: str, settings: Settings) -> None:
    if is_longer(text, settings.text_max_characters):
        reason = f"must hold at most {settings.text_max_characters} characters"
        raise InvalidInput(errors=[FieldError(field=field, reason=reason)])


def is_longer(text: str, limit: int) -> bool:
    """Counted as people see it: an accent typed as two code points is one character."""
    # No character is made of more than four, and composing takes the square of the length: 18 s for 256 KiB of accents.
    return len(text) > 4 * limit or len(unicodedata.normalize("NFC", text)) > limit


def predict_rows(texts: Sequence[str], model: ServedModel) -> list[StoredPrediction]:
    created_at = datetime.now(UTC)
    classifier = model.classifier
    return [
        StoredPrediction(
            prediction_id=uuid4(),
            text=text,
            label=result.label,
            probability=result.probability,
            probabilities=result.probabilities,
            abstained=result.abstained,
            model_name=classifier.description.name,
            model_version=model.version,
            model_digest=classifier.digest,
            created_at=created_at,
        )
        for text, result in zip(texts, classifier.predict(texts), strict=True)
    ]


def describe_prediction(row: StoredPrediction) -> PredictionAnswer:
    return PredictionAnswer(
        prediction_id=row.prediction_id,
        label=row.label,
        probability=row.probability,
        probabilities=row.probabilities,
        abstained=row.abstained,
        model=ModelReference(name=row.model_name, version=row.model_version, digest=row.model_digest),
    )


def describe_item(row: StoredPrediction) -> PredictionItem:
    answer = describe_prediction(row)
    return PredictionItem(**dict(answer), text=row.text, created_at=row.created_at)
