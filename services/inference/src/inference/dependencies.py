"""What a route may ask for, by name."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from inference.activity_store import ActivityStore
from inference.alerting.alert_store import AlertStore
from inference.alerting.delivery_store import DeliveryStore
from inference.answering import Answering
from inference.background import Background
from inference.champion import Champion, ServedModel
from inference.comparing import Comparing
from inference.drift_store import DriftStore
from inference.feedback_store import FeedbackStore
from inference.gate import Gate
from inference.journal_store import JournalStore
from inference.metrics import Metrics
from inference.prediction_log import PredictionLog
from inference.privacy import Privacy
from inference.promoter import Promoter
from inference.registry_access import RegistryAccess
from inference.review_store import ReviewStore
from inference.settings import Settings
from inference.shadow_store import ShadowStore
from inference.store import Store


@dataclass(frozen=True, slots=True)
class Resources:
    """Opened when the app starts, closed when it stops."""

    settings: Settings
    store: Store
    champion: Champion
    gate: Gate
    log: PredictionLog
    answering: Answering
    comparing: Comparing
    metrics: Metrics
    feedback: FeedbackStore
    alerts: AlertStore
    activity: ActivityStore
    deliveries: DeliveryStore
    # Who is told of alerts, as the deliveries name them.
    destinations: list[str]
    registry: RegistryAccess
    promoter: Promoter
    journal: JournalStore
    drift_reports: DriftStore
    shadows: ShadowStore
    reviews: ReviewStore
    privacy: Privacy
    background: Background


# Coroutines, though they only read: plain functions would each wait for a thread.
async def get_resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


ResourcesParameter = Annotated[Resources, Depends(get_resources)]


async def get_settings(resources: ResourcesParameter) -> Settings:
    return resources.settings


async def get_store(resources: ResourcesParameter) -> Store:
    return resources.store


async def get_champion(resources: ResourcesParameter) -> Champion:
    return resources.champion


async def get_gate(resources: ResourcesParameter) -> Gate:
    return resources.gate


async def get_log(resources: ResourcesParameter) -> PredictionLog:
    return resources.log


async def get_metrics(resources: ResourcesParameter) -> Metrics:
    return resources.metrics


async def get_answering(resources: ResourcesParameter) -> Answering:
    return resources.answering


async def get_comparing(resources: ResourcesParameter) -> Comparing:
    return resources.comparing


async def get_feedback(resources: ResourcesParameter) -> FeedbackStore:
    return resources.feedback


async def get_alerts(resources: ResourcesParameter) -> AlertStore:
    return resources.alerts


async def get_activity(resources: ResourcesParameter) -> ActivityStore:
    return resources.activity


async def get_deliveries(resources: ResourcesParameter) -> DeliveryStore:
    return resources.deliveries


async def get_destinations(resources: ResourcesParameter) -> list[str]:
    return resources.destinations


async def get_registry(resources: ResourcesParameter) -> RegistryAccess:
    return resources.registry


async def get_promoter(resources: ResourcesParameter) -> Promoter:
    return resources.promoter


async def get_journal(resources: ResourcesParameter) -> JournalStore:
    return resources.journal


async def get_drift_reports(resources: ResourcesParameter) -> DriftStore:
    return resources.drift_reports


async def get_shadows(resources: ResourcesParameter) -> ShadowStore:
    return resources.shadows


async def get_reviews(resources: ResourcesParameter) -> ReviewStore:
    return resources.reviews


async def get_privacy(resources: ResourcesParameter) -> Privacy:
    return resources.privacy


async def get_background(resources: ResourcesParameter) -> Background:
    return resources.background


CurrentSettings = Annotated[Settings, Depends(get_settings)]
CurrentStore = Annotated[Store, Depends(get_store)]
CurrentGate = Annotated[Gate, Depends(get_gate)]
CurrentLog = Annotated[PredictionLog, Depends(get_log)]
CurrentMetrics = Annotated[Metrics, Depends(get_metrics)]
CurrentAnswering = Annotated[Answering, Depends(get_answering)]
CurrentComparing = Annotated[Comparing, Depends(get_comparing)]
CurrentFeedback = Annotated[FeedbackStore, Depends(get_feedback)]
CurrentAlerts = Annotated[AlertStore, Depends(get_alerts)]
CurrentActivity = Annotated[ActivityStore, Depends(get_activity)]
CurrentDeliveries = Annotated[DeliveryStore, Depends(get_deliveries)]
CurrentDestinations = Annotated[list[str], Depends(get_destinations)]
CurrentRegistry = Annotated[RegistryAccess, Depends(get_registry)]
CurrentPromoter = Annotated[Promoter, Depends(get_promoter)]
CurrentJournal = Annotated[JournalStore, Depends(get_journal)]
CurrentDriftReports = Annotated[DriftStore, Depends(get_drift_reports)]
CurrentShadows = Annotated[ShadowStore, Depends(get_shadows)]
CurrentReviews = Annotated[ReviewStore, Depends(get_reviews)]
CurrentPrivacy = Annotated[Privacy, Depends(get_privacy)]
CurrentBackground = Annotated[Background, Depends(get_background)]
CurrentChampion = Annotated[Champion, Depends(get_champion)]


async def get_served_model(champion: CurrentChampion) -> ServedModel:
    return champion.require_served()


CurrentModel = Annotated[ServedModel, Depends(get_served_model)]

# The upper end is that of the column behind the cursor.
Since = Annotated[int, Query(ge=0, le=2**63 - 1, description="The `next_since` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1000)]
