"""The registered versions: what each is, what the gate said of it, and its model card."""

import re
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from inference.access.guard import needs
from inference.dependencies import CurrentRegistry
from inference.errors import MoveRefused, RegistryAway
from inference.loop_schemas import GateVerdict, ModelList, RegisteredVersion
from inference.openapi import problems
from inference.promotion import ModelVersion, check_verdict, read_verdict
from inference.reconciliation import named
from inference.registry import CHALLENGER, CHAMPION, VersionDetails
from inference.registry_access import RegistryAccess
from inference.registry_answers import Alias
from inference.version_figures import read_figures

router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=needs("read"))

MLFLOW_ID = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,255}")


@router.get("", responses=problems(422, 429, 503))
async def list_models(registry: CurrentRegistry, limit: Annotated[int, Query(ge=1, le=1000)] = 20) -> ModelList:
    if not registry.is_set:
        raise RegistryAway("No registry is set: INFERENCE_MLFLOW_URL.")
    return await registry.run(partial(fetch_models, registry, limit), late=RegistryAway())


def fetch_models(access: RegistryAccess, limit: int) -> ModelList:
    with access.open() as registry:
        aliases = registry.fetch_aliases()
        versions = registry.list_versions(limit)
        champion = registry.fetch_champion()
    before = None if champion is None else named(champion)
    return ModelList(
        registered_model=access.registered_model,
        champion=find_alias(CHAMPION, aliases),
        challenger=find_alias(CHALLENGER, aliases),
        items=[describe_version(each, aliases, before) for each in versions],
    )


def find_alias(wanted: str, aliases: list[Alias]) -> str | None:
    return next((each.version for each in aliases if each.alias == wanted), None)


def describe_version(version: VersionDetails, aliases: list[Alias], champion: ModelVersion | None) -> RegisteredVersion:
    number, verdict = version.named.version, read_verdict(version.gate)
    return RegisteredVersion(
        version=number,
        digest=version.named.digest,
        candidate=version.candidate,
        dataset=version.dataset,
        created_at=version.created_at,
        aliases=sorted(each.alias for each in aliases if each.version == number),
        verdict=verdict,
        refusal=find_refusal(named(version.named), verdict, champion),
        card=version.card,
        figures=read_figures(version.figures),
        run_id=read_id(version.named.run_id),
        experiment_id=read_id(version.experiment_id),
    )


def read_id(found: str | None) -> str | None:
    """It becomes part of an address: what MLflow would not have given out is none."""
    return found if found and MLFLOW_ID.fullmatch(found) else None


def find_refusal(candidate: ModelVersion, verdict: GateVerdict | None, champion: ModelVersion | None) -> str | None:
    """As a promotion would say it."""
    try:
        check_verdict(candidate, verdict, champion)
    except MoveRefused as error:
        return error.detail
    return None
