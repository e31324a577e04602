"""From a rejection over HTTP to Azure's alert at a webhook, on loopback, for both libraries that carry the events.

Real: the service and its SDK, what was sent, the .kql files, the rules as Bicep has them, the posts. Simulated: that
Azure makes rows of what was sent, and evaluates a rule. Where the test needs another time, it moves the recorded rows.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from inference.telemetry.sinks import Exporter
from tests.azure.bicep_rules import LogAlertRule, read_rule
from tests.azure.common_alert import post
from tests.azure.kusto import AZURE, Kusto, Row
from tests.azure.query_api import answering, follow
from tests.azure.recorded import PREDICTIONS, Recorded, record
from tests.azure.rows import moved, read
from tests.azure.rule import evaluate, ingested, moments, notices
from tests.inference.receivers import Webhook, webhook
from tests.inference.sending import EXPORTERS

# The documents say "less than 10 seconds" on average.
INGESTION = timedelta(seconds=10)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# A rule is evaluated every five minutes from when it was made: when that was must not matter.
PHASES = [place * 30 * SECOND for place in range(10)]


@pytest.fixture(scope="module", params=EXPORTERS)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    exporter: Exporter = request.param
    folder: Path = tmp_path_factory.mktemp(exporter)
    return record(exporter, folder)


@pytest.fixture
def azure() -> Iterator[Webhook]:
    """The webhook of the action group."""
    with webhook() as hook:
        yield hook


@pytest.fixture
def burst() -> LogAlertRule:
    return read_rule("rejected-burst")


@pytest.fixture
def rate() -> LogAlertRule:
    return read_rule("rejection-rate")


def told(kusto: Kusto, rule: LogAlertRule, rows: Sequence[Row], phase: timedelta, api: str, azure: Webhook) -> None:
    """All that the rule does about these rows, until an hour after the last."""
    first = min(read(row["timestamp"]) for row in rows) - rule.frequency + phase
    last = max(read(row["timestamp"]) for row in rows) + 60 * MINUTE
    [evaluations] = evaluate(kusto, rule, [ingested(rows, INGESTION)], moments(rule, first, last))
    for notice in notices(rule, evaluations):
        post(rule, notice, api, f"http://{azure.address}/")


def alerts(
    kusto: Kusto, rule: LogAlertRule, rows: Sequence[Row], azure: Webhook, phases: Sequence[timedelta] = PHASES
) -> list[tuple[str, list[Row]]]:
    """What the webhook was told over all phases, each with the rows that its link leads to."""
    with answering(kusto, rows) as api:
        for phase in phases:
            told(kusto, rule, rows, phase, api, azure)
        return [(condition_of(body), follow(link_of(body))) for body in azure.bodies]


def essentials_of(body: dict[str, Any]) -> dict[str, Any]:
    essentials: dict[str, Any] = body["data"]["essentials"]
    return essentials


def condition_of(body: dict[str, Any]) -> str:
    return str(essentials_of(body)["monitorCondition"])


def link_of(body: dict[str, Any]) -> str:
    [part] = body["data"]["alertContext"]["condition"]["allOf"]
    return str(part["linkToSearchResultsAPI"])


def each_once(rows: Sequence[Row]) -> list[Row]:
    return list({row["customDimensions"]["prediction_id"]: row for row in rows}.values())


def test_three_rejections_are_one_alert_that_leads_to_the_prediction(
    kusto: Kusto, recorded: Recorded, burst: LogAlertRule, azure: Webhook
) -> None:
    # As they came, each at its own time.
    found = alerts(kusto, burst, recorded.rows[3], azure)
    assert [condition for condition, _ in found] == ["Fired", "Resolved"] * len(PHASES)
    for condition, rows in found:
        named = [(row["prediction_id"], row["model_version"]) for row in rows]
        assert named == ([(recorded.prediction_ids[2], "pretrained")] if condition == "Fired" else [])
    fired = essentials_of(azure.bodies[0])
    assert (fired["alertRule"], fired["severity"]) == ("3 predictions rejected within 5 minutes", "Sev1")


def test_beside_it_the_service_told_of_the_same_burst(recorded: Recorded) -> None:
    [alert] = recorded.local_alerts
    assert "Several answers of the model were rejected within minutes" in str(alert["message"])
    assert "Rejected: 3 of the last 3 verdicts" in str(alert["message"])


def test_two_rejections_are_none_though_one_arrived_twice(
    kusto: Kusto, recorded: Recorded, burst: LogAlertRule, azure: Webhook
) -> None:
    rows = recorded.rejected(2)
    assert [row["customDimensions"]["prediction_id"] for row in rows] == [
        recorded.prediction_ids[0],
        *[recorded.prediction_ids[1]] * 2,
    ]
    first, again = rows[1:]
    assert first["customDimensions"] == again["customDimensions"] and first["timestamp"] == again["timestamp"]
    assert alerts(kusto, burst, recorded.rows[2], azure) == []


@pytest.mark.parametrize(("seconds", "fires"), [(299, True), (300, True), (301, False), (540, False)])
def test_three_rejections_in_more_than_five_minutes_are_none(
    kusto: Kusto, recorded: Recorded, burst: LogAlertRule, azure: Webhook, seconds: int, fires: bool
) -> None:
    """Their recorded times are changed for others: the service's clock is the machine's."""
    rows = each_once(recorded.rejected(3))
    start = read(rows[0]["timestamp"])
    apart = [moved(row, start + share * seconds * SECOND) for row, share in zip(rows, (0, 0.5, 1), strict=True)]
    # Ten seconds late, a burst of full length has room in the window, but for the ten seconds.
    phases = [phase for phase in PHASES if phase != timedelta(0)]
    found = alerts(kusto, burst, apart, azure, phases)
    assert [condition for condition, _ in found] == (["Fired", "Resolved"] * len(phases) if fires else [])


def test_enough_served_and_too_many_of_them_rejected_is_an_alert_on_the_rate(
    kusto: Kusto, recorded: Recorded, rate: LogAlertRule, azure: Webhook
) -> None:
    assert sum(row["itemCount"] for row in recorded.served()) == PREDICTIONS
    found = alerts(kusto, rate, recorded.rows[16], azure, PHASES[:1])
    assert [condition for condition, _ in found] == ["Fired", "Resolved"]
    [row] = found[0][1]
    assert (row["model_version"], row["rejected"], row["served"]) == ("pretrained", 16, PREDICTIONS)
    assert 0.25 < row["lower_bound"] < row["share"] == 0.4
    assert essentials_of(azure.bodies[0])["alertRule"] == "More than 25 % of a version rejected"


def test_one_rejection_fewer_is_no_alert_on_the_rate(
    kusto: Kusto, recorded: Recorded, rate: LogAlertRule, azure: Webhook
) -> None:
    assert alerts(kusto, rate, recorded.rows[15], azure) == []


def test_of_few_served_the_rate_says_nothing(
    kusto: Kusto, recorded: Recorded, rate: LogAlertRule, azure: Webhook
) -> None:
    # One row, which stands for ten predictions, and sixteen that were rejected.
    rows = [*recorded.served()[:1], *recorded.rejected(16)]
    assert alerts(kusto, rate, rows, azure) == []


def test_the_workbook_counts_the_same(kusto: Kusto, recorded: Recorded) -> None:
    def shown(name: str) -> list[Row]:
        return kusto.run((AZURE / "workbook" / f"{name}.kql").read_text(encoding="utf-8"), recorded.rows[16])

    [version] = shown("rejections_by_version")
    assert (version["model_version"], version["served"], version["rejected"]) == ("pretrained", PREDICTIONS, 16)
    assert sum(row["rejected"] for row in shown("rejections_over_time")) == 16
    assert sum(row["served"] for row in shown("served_by_label")) == PREDICTIONS
    assert {row["prediction_id"] for row in shown("last_rejected")} == set(recorded.prediction_ids[:16])


def test_the_rows_are_those_that_azure_makes_of_an_event(recorded: Recorded) -> None:
    for row in recorded.rows[16]:
        assert (row["itemType"], row["cloud_RoleName"], row["customMeasurements"]) == ("customEvent", "inference", {})
        assert row["itemCount"] == (1 if row["name"] == "prediction_rejected" else 10)
        assert set(row["customDimensions"]) >= {"prediction_id", "model_version", "probability", "text_length"}
        assert all(isinstance(value, str) for value in row["customDimensions"].values())
    library = {"opencensus": ":oc", "opentelemetry": ":otel"}[recorded.exporter]
    assert all(library in row["sdkVersion"] for row in recorded.rows[16])
