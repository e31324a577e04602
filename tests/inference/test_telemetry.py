"""What is noted for Application Insights while requests are answered: a share of the predictions, and sums."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from inference.privacy import Privacy
from inference.telemetry.items import Event, Metric
from inference.telemetry.telemetry import MOST_KEPT, Telemetry
from tests.inference.stored import row_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRIVACY = Privacy("key")
TWEET = "@AirParadis late, says @jane"
JANE = "a" * 64
ALL = 2 * MOST_KEPT


@pytest.mark.parametrize(("share", "stands_for"), [(1.0, 1), (0.5, 2), (0.1, 10), (0.01, 100), (0.3, 3)])
def test_one_in_so_many_stands_for_them_all(share: float, stands_for: int) -> None:
    telemetry = Telemetry(PRIVACY, share, include_text=False)
    for number in range(600):
        telemetry.note_served(row_of(f"tweet {number}"))
    taken = telemetry.take_served(ALL)
    assert len(taken) == 600 // stands_for
    assert {item.stands_for for item in taken if isinstance(item, Event)} == {stands_for}


def test_a_share_of_nothing_is_nothing() -> None:
    telemetry = Telemetry(PRIVACY, 0.0, include_text=True)
    telemetry.note_served(row_of(TWEET))
    assert telemetry.take_served(ALL) == []


def test_what_is_said_of_a_served_prediction() -> None:
    telemetry = Telemetry(PRIVACY, 1.0, include_text=False)
    row = row_of(TWEET, NOW, JANE, UUID(int=7))
    telemetry.note_served(row)
    properties = {
        "prediction_id": str(UUID(int=7)),
        "label": "negative",
        "probability": "0.7500",
        "model_name": "m",
        "model_version": "1",
        "text_length": str(len(TWEET)),
    }
    assert telemetry.take_served(ALL) == [Event("prediction_served", properties, NOW)]


def test_no_more_is_kept_than_fits_and_the_latest_stay() -> None:
    telemetry = Telemetry(PRIVACY, 1.0, include_text=True)
    for number in range(MOST_KEPT + 10):
        telemetry.note_served(row_of(f"tweet {number}"))
    kept = telemetry.take_served(ALL)
    assert len(kept) == MOST_KEPT
    assert (kept[0].properties["text"], kept[-1].properties["text"]) == ("tweet 10", f"tweet {MOST_KEPT + 9}")


def test_requests_are_added_up_and_leave_once_a_minute() -> None:
    telemetry = Telemetry(PRIVACY, 1.0, include_text=False)
    assert telemetry.take_requests(NOW) == []
    for seconds in (0.25, 1.0, 0.5):
        telemetry.note_request("/v1/predictions", 200, seconds)
    telemetry.note_request("/v1/predictions", 503, 0.125)
    assert telemetry.take_requests(NOW + timedelta(seconds=59)) == []
    later = NOW + timedelta(seconds=60)
    assert telemetry.take_requests(later) == [
        Metric("request_seconds", {"route": "/v1/predictions", "status": "200"}, later, 3, 1.75, 0.25, 1.0),
        Metric("request_seconds", {"route": "/v1/predictions", "status": "503"}, later, 1, 0.125, 0.125, 0.125),
    ]
    assert telemetry.take_requests(later + timedelta(minutes=1)) == []


def test_a_clock_that_leaps_back_costs_a_minute_at_most() -> None:
    telemetry = Telemetry(PRIVACY, 1.0, include_text=False)
    telemetry.take_requests(NOW)
    telemetry.note_request("/v1/predictions", 200, 0.5)
    telemetry.take_requests(NOW - timedelta(hours=1))
    [metric] = telemetry.take_requests(NOW - timedelta(minutes=59))
    assert isinstance(metric, Metric) and metric.count == 1
