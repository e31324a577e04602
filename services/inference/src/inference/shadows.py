"""The shadow: what the challenger makes of live tweets, beside what the champion answered."""

from typing import NamedTuple

from fastapi import APIRouter

from inference.access.guard import needs
from inference.alerting.interval import wilson
from inference.database import in_database
from inference.dependencies import CurrentPrivacy, CurrentShadows
from inference.loop_schemas import Disagreement, ShadowAnswer, ShadowList
from inference.mcnemar import mcnemar
from inference.openapi import problems
from inference.privacy import Privacy
from inference.shadow_store import Right, ShadowStore, ShadowTotal, StoredDisagreement

router = APIRouter(prefix="/v1/shadow", tags=["shadow"], dependencies=needs("read"))

PAIRS, DISAGREEMENTS = 10, 50


class Compared(NamedTuple):
    total: ShadowTotal
    right: Right
    disagreements: list[StoredDisagreement]


@router.get("", responses=problems(429, 503))
async def show_shadow(shadows: CurrentShadows, privacy: CurrentPrivacy) -> ShadowList:
    """Of a sample of the live tweets that the challenger scored too, without anybody having been shown its answers."""
    found = await in_database(read_compared, shadows)
    return ShadowList(items=[describe_compared(each, privacy) for each in found])


def read_compared(shadows: ShadowStore) -> list[Compared]:
    return [
        Compared(total, shadows.count_right(total), shadows.read_disagreements(total, DISAGREEMENTS))
        for total in shadows.read_totals(PAIRS)
    ]


def describe_compared(found: Compared, privacy: Privacy) -> ShadowAnswer:
    total, right = found.total, found.right
    low, high = wilson(total.disagreed, total.compared)
    return ShadowAnswer(
        challenger_version=total.challenger_version,
        challenger_digest=total.challenger_digest,
        champion_version=total.champion_version,
        champion_digest=total.champion_digest,
        since=total.since,
        until=total.until,
        compared=total.compared,
        disagreed=total.disagreed,
        disagreed_share=total.disagreed / total.compared,
        disagreed_share_low=low,
        disagreed_share_high=high,
        dropped=total.dropped,
        champion_microseconds=1e6 * total.champion_seconds / total.compared,
        challenger_microseconds=1e6 * total.challenger_seconds / total.compared,
        challenger_right=right.challenger,
        champion_right=right.champion,
        p_value=mcnemar(right.challenger, right.champion),
        disagreements=[describe_disagreement(each, privacy) for each in found.disagreements],
    )


def describe_disagreement(found: StoredDisagreement, privacy: Privacy) -> Disagreement:
    return Disagreement(
        prediction_id=found.prediction_id,
        text=privacy.masked(found.text or "") or None,
        champion_label=found.champion_label,
        label=found.label,
        probability=found.probability,
        right_label=found.right_label,
        created_at=found.created_at,
    )
