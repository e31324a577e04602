"""Alerts: what the rules found, for people to look at, to acknowledge, and to try the way that messages take."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from inference.access.guard import needs
from inference.alerting.alert_store import Alert, AlertExample, State
from inference.alerting.delivery_store import Delivery
from inference.alerting.incidents import Kind
from inference.alerting.interval import wilson
from inference.body import JsonRoute
from inference.database import in_database
from inference.dependencies import (
    CurrentAlerts,
    CurrentBackground,
    CurrentDeliveries,
    CurrentDestinations,
    CurrentPrivacy,
)
from inference.errors import NobodyToTell, UnknownAlert
from inference.openapi import problems
from inference.privacy import Privacy
from inference.schemas import (
    AcknowledgeRequest,
    AlertAnswer,
    AlertDetails,
    AlertEventAnswer,
    AlertExampleAnswer,
    AlertList,
    AttemptAnswer,
    DeliveryAnswer,
    DeliveryList,
)

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=JsonRoute)
tests_router = APIRouter(prefix="/v1/alert-tests", tags=["alerts"], dependencies=needs("admin"))

# The edge waits longer than this for an answer.
TEST_SECONDS = 4.0
LOOK_EVERY_SECONDS = 0.1

KindWanted = Annotated[Kind, Query(description="A note tells of one person's flood of rejections; nobody is told.")]


@router.get("", dependencies=needs("read"), responses=problems(422, 429, 503))
async def list_alerts(
    alerts: CurrentAlerts,
    kind: KindWanted = "alert",
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AlertList:
    """The open ones first, then the latest."""
    found = await in_database(alerts.list_alerts, kind, state, limit)
    return AlertList(items=[AlertAnswer.model_validate(describe_alert(alert)) for alert in found])


@tests_router.post("", responses=problems(409, 429, 503))
async def send_test(
    deliveries: CurrentDeliveries, destinations: CurrentDestinations, background: CurrentBackground
) -> DeliveryList:
    """A message to everybody who is told of alerts, and what became of it within some seconds."""
    if not destinations:
        raise NobodyToTell
    entered = await in_database(deliveries.enter_tests, destinations, datetime.now(UTC))
    background.wake()
    ends = time.monotonic() + TEST_SECONDS
    while True:
        found = await in_database(deliveries.read_deliveries, entered)
        if all(each.attempts for each in found) or time.monotonic() > ends:
            return DeliveryList(items=[describe_delivery(each, destinations) for each in found])
        await asyncio.sleep(LOOK_EVERY_SECONDS)


@router.get("/{alert_id}", dependencies=needs("read"), responses=problems(404, 422, 429, 503))
async def show_alert(
    alert_id: str,
    alerts: CurrentAlerts,
    deliveries: CurrentDeliveries,
    destinations: CurrentDestinations,
    privacy: CurrentPrivacy,
) -> AlertDetails:
    wanted = parse_alert_id(alert_id)
    alert = await in_database(alerts.read_alert, wanted)
    events = await in_database(alerts.read_events, wanted)
    examples = await in_database(alerts.read_examples, wanted)
    told = await in_database(deliveries.read_deliveries_of, wanted)
    return AlertDetails(
        **describe_alert(alert),
        history=[AlertEventAnswer(at=each.at, event=each.event, by=each.by, note=each.note) for each in events],
        examples=[describe_example(each, privacy) for each in examples],
        deliveries=[describe_delivery(each, destinations) for each in told],
    )


@router.post(
    "/{alert_id}/acknowledge",
    dependencies=needs("feedback"),
    responses=problems(400, 404, 408, 413, 415, 422, 429, 503),
)
async def acknowledge_alert(alert_id: str, body: AcknowledgeRequest, alerts: CurrentAlerts) -> AlertAnswer:
    """Somebody looks after it. Repeating it changes nothing; another person is added to the history."""
    wanted = parse_alert_id(alert_id)
    alert = await in_database(alerts.acknowledge, wanted, body.by.strip(), body.note or None, datetime.now(UTC))
    return AlertAnswer.model_validate(describe_alert(alert))


def parse_alert_id(alert_id: str) -> UUID:
    try:
        return UUID(alert_id)
    except ValueError:
        raise UnknownAlert from None


def describe_alert(alert: Alert) -> dict[str, object]:
    low, high = wilson(alert.rejected, alert.judged)
    state = "open" if alert.closed_at is None else "closed"
    share = alert.rejected / alert.judged if alert.judged else None
    own = {name: getattr(alert, name) for name in AlertAnswer.model_fields if hasattr(alert, name)}
    return own | {"state": state, "rejected_share": share, "rejected_share_low": low, "rejected_share_high": high}


def describe_example(example: AlertExample, privacy: Privacy) -> AlertExampleAnswer:
    return AlertExampleAnswer(
        prediction_id=example.prediction_id,
        text=privacy.masked(example.text) or None,
        predicted_label=example.predicted_label,
        corrected_label=example.corrected_label,
        probability=example.probability,
        model_version=example.model_version,
    )


def describe_delivery(delivery: Delivery, destinations: Sequence[str]) -> DeliveryAnswer:
    # What the settings do not name any more waits for nobody.
    is_waiting = delivery.next_attempt_at is not None and delivery.destination in destinations
    waiting = "waiting" if is_waiting else "given_up"
    return DeliveryAnswer(
        purpose=delivery.purpose,
        destination=delivery.destination,
        state="delivered" if delivery.delivered_at is not None else waiting,
        created_at=delivery.created_at,
        delivered_at=delivery.delivered_at,
        attempts=[AttemptAnswer(at=each.at, error=each.error) for each in delivery.attempts],
    )
