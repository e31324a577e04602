"""The scheduled query rules: what Bicep says of them, and how an alert begins, lasts and ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.azure.bicep_rules import USUAL, LogAlertRule, read_rule
from tests.azure.common_alert import describe
from tests.azure.kusto import Kusto, Row
from tests.azure.query_api import answering, follow
from tests.azure.rows import rejected
from tests.azure.rule import Evaluation, evaluate, ingested, moments, notices, quiet_time

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# What Azure offers: learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
WINDOWS = {each * MINUTE for each in (1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440, 2880)}


@pytest.fixture
def rule() -> LogAlertRule:
    return read_rule("rejected-burst")


def burst_at(minutes: float) -> list[Row]:
    return [rejected(NOON + (minutes + place) * MINUTE, f"p-{minutes + place:g}") for place in range(3)]


def told(rule: LogAlertRule, *has_rows: bool) -> list[tuple[str, int]]:
    """At which evaluation, from 0, which condition was told."""
    found = [Evaluation(NOON + place * rule.frequency, NOON, [{}] if met else []) for place, met in enumerate(has_rows)]
    return [(each.condition, (each.evaluation.at - NOON) // rule.frequency) for each in notices(rule, found)]


def test_the_usual_rules_are_the_files_themselves(rule: LogAlertRule) -> None:
    assert (rule.frequency, rule.threshold, rule.auto_mitigate) == (5 * MINUTE, 0, True)
    assert "let n = 3; let m = 5m;" in rule.query and "customEvents" in rule.query
    rate = read_rule("rejection-rate")
    assert "let accepted = 25 / 100.0; let enough = 20;" in rate.query


def test_other_parameters_are_in_the_query(kusto: Kusto) -> None:
    wider = read_rule("rejected-burst", USUAL | {"rejections": 4, "minutes": 7})
    assert "let n = 4; let m = 7m;" in wider.query
    four = [rejected(NOON + place * 7 / 3 * MINUTE, str(place)) for place in range(4)]
    assert len(kusto.run(wider.query, four)) == 1
    assert kusto.run(wider.query, four[:3]) == []


@pytest.mark.parametrize("minutes", [1, 5, 6, 10, 11, 25, 26, 40, 55, 56, 115, 175, 235, 295, 355])
def test_the_window_holds_every_burst_whole_and_is_one_that_azure_has(minutes: int) -> None:
    rule = read_rule("rejected-burst", USUAL | {"minutes": minutes})
    assert rule.window >= minutes * MINUTE + rule.frequency
    assert rule.window in WINDOWS


def test_it_is_told_once_when_it_begins_and_once_when_it_is_over(rule: LogAlertRule) -> None:
    assert told(rule, False, True, True, False, False, True, False, False, False, False) == [
        ("Fired", 1),
        ("Resolved", 8),
    ]
    assert told(rule, True, False, False, False, True) == [("Fired", 0), ("Resolved", 3), ("Fired", 4)]
    assert told(rule, False, False) == []


def test_without_a_state_it_is_told_each_time(rule: LogAlertRule) -> None:
    stateless = replace(rule, auto_mitigate=False)
    assert told(stateless, True, True, False, True) == [("Fired", 0), ("Fired", 1), ("Fired", 3)]


@pytest.mark.parametrize(("minutes", "quiet"), [(1, 10), (5, 15), (15, 45), (30, 60), (660, 1320), (720, 720)])
def test_how_long_it_is_quiet_before_it_is_over(minutes: int, quiet: int) -> None:
    assert quiet_time(minutes * MINUTE) == quiet * MINUTE


def test_a_row_is_not_there_before_it_is_ingested(kusto: Kusto, rule: LogAlertRule) -> None:
    world = ingested(burst_at(1), delay=3 * MINUTE)
    [evaluations] = evaluate(kusto, rule, [world], moments(rule, NOON, NOON + 15 * MINUTE))
    assert [len(each.rows) for each in evaluations] == [0, 0, 1, 0]


def test_the_alert_has_the_common_schema_and_its_link_leads_to_the_predictions(
    kusto: Kusto, rule: LogAlertRule
) -> None:
    rows = burst_at(1)
    [evaluations] = evaluate(kusto, rule, [ingested(rows)], moments(rule, NOON, NOON + 30 * MINUTE))
    fired, resolved = notices(rule, evaluations)
    with answering(kusto, rows) as api:
        alert = describe(rule, fired, api)
        essentials, context = alert["data"]["essentials"], alert["data"]["alertContext"]
        assert alert["schemaId"] == "azureMonitorCommonAlertSchema"
        assert (essentials["monitorCondition"], essentials["firedDateTime"]) == ("Fired", "2026-11-25T12:05:00Z")
        assert (essentials["alertRule"], essentials["severity"]) == ("3 predictions rejected within 5 minutes", "Sev1")
        [part] = context["condition"]["allOf"]
        assert (part["searchQuery"], part["metricValue"], part["threshold"]) == (rule.query, 1, "0")
        assert [row["prediction_id"] for row in follow(part["linkToSearchResultsAPI"])] == ["p-3"]
    over = describe(rule, resolved, api)["data"]["essentials"]
    assert (over["monitorCondition"], over["resolvedDateTime"]) == ("Resolved", "2026-11-25T12:25:00Z")
    assert over["alertId"] == essentials["alertId"]
