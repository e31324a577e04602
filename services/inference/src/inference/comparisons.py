"""Comparisons: what the champion and its challenger say of the same text, for a person who looks at both."""

from fastapi import APIRouter

from inference.access.guard import needs
from inference.body import JsonRoute
from inference.comparing import Answered
from inference.comparison_schemas import ComparisonAnswer, ComparisonRequest, ModelAnswered
from inference.dependencies import CurrentComparing, CurrentSettings
from inference.openapi import problems
from inference.predictions import check_length
from inference.schemas import ModelReference

router = APIRouter(prefix="/v1/comparisons", tags=["predictions"], route_class=JsonRoute, dependencies=needs("predict"))


@router.post("", responses=problems(400, 408, 413, 415, 422, 429, 503))
async def compare(body: ComparisonRequest, settings: CurrentSettings, comparing: CurrentComparing) -> ComparisonAnswer:
    """Nothing is kept of it: it has no prediction_id, and cannot be judged."""
    check_length("text", body.text, settings)
    champion, challenger = await comparing.compare(body.text)
    return ComparisonAnswer(
        champion=describe_answered(champion),
        challenger=None if challenger is None else describe_answered(challenger),
    )


def describe_answered(answered: Answered) -> ModelAnswered:
    model, given = answered.model, answered.given
    return ModelAnswered(
        **given._asdict(),
        model=ModelReference(
            name=model.classifier.description.name, version=model.version, digest=model.classifier.digest
        ),
    )
