"""Which model answers, how good it was found to be, and which candidate was refused."""

from fastapi import APIRouter

from inference.access.guard import needs
from inference.champion import Refusal
from inference.dependencies import CurrentChampion, CurrentModel
from inference.openapi import problems
from inference.schemas import ModelAnswer, RefusedModel

router = APIRouter(prefix="/v1/model", tags=["model"], dependencies=needs("predict", "read"))


@router.get("", responses=problems(429, 503))
async def get_model(model: CurrentModel, champion: CurrentChampion) -> ModelAnswer:
    description = model.classifier.description
    return ModelAnswer(
        name=description.name,
        version=model.version,
        digest=model.classifier.digest,
        labels=description.labels,
        metrics=description.metrics,
        since=model.since,
        refused=describe_refusal(champion.refused),
    )


def describe_refusal(refusal: Refusal | None) -> RefusedModel | None:
    if refusal is None:
        return None
    return RefusedModel(version=refusal.version, reason=refusal.reason, at=refusal.at)
