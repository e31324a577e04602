"""What Azure posts to the webhook of an action group: the common alert schema, for a log search alert.

The fields are those of learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples. The rows that the query
found are not among them: a receiver follows a link to see them.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests

from tests.azure.bicep_rules import LogAlertRule
from tests.azure.rows import written
from tests.azure.rule import Notice

COMPONENT = "/subscriptions/s/resourceGroups/r/providers/microsoft.insights/components/sentiment"
ALERTS = "/subscriptions/s/providers/Microsoft.AlertsManagement/alerts"


def iso(minutes: float) -> str:
    return f"PT{minutes:g}M"


def describe(rule: LogAlertRule, notice: Notice, api: str) -> dict[str, Any]:
    """`api` is where the link to the rows leads."""
    essentials = {
        "alertId": f"{ALERTS}/{notice.fired_at:%Y%m%d%H%M%S}",
        "alertRule": rule.name,
        "severity": f"Sev{rule.severity}",
        "signalType": "Log",
        "monitorCondition": notice.condition,
        "monitoringService": "Log Alerts V2",
        "alertTargetIDs": [COMPONENT],
        "originAlertId": f"{notice.fired_at:%Y%m%d%H%M%S}",
        "firedDateTime": written(notice.fired_at),
        "description": rule.description,
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
    }
    if notice.condition == "Resolved":
        essentials["resolvedDateTime"] = written(notice.evaluation.at)
    context = {"properties": {}, "conditionType": "LogQueryCriteria", "condition": condition(rule, notice, api)}
    data = {"essentials": essentials, "alertContext": context, "customProperties": None}
    return {"schemaId": "azureMonitorCommonAlertSchema", "data": data}


def condition(rule: LogAlertRule, notice: Notice, api: str) -> dict[str, Any]:
    evaluation = notice.evaluation
    link = link_to_rows(api, rule.query, evaluation.since, evaluation.at)
    return {
        "windowSize": iso(rule.window.total_seconds() / 60),
        "allOf": [
            {
                "searchQuery": rule.query,
                "metricMeasureColumn": None,
                "targetResourceTypes": "['microsoft.insights/components']",
                "operator": "GreaterThan",
                "threshold": str(rule.threshold),
                "timeAggregation": "Count",
                "dimensions": [],
                "metricValue": float(len(evaluation.rows)),
                "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
                "linkToSearchResultsAPI": link,
                "linkToFilteredSearchResultsAPI": link,
            }
        ],
        "windowStartTime": written(evaluation.since),
        "windowEndTime": written(evaluation.at),
    }


def link_to_rows(api: str, query: str, since: datetime, until: datetime) -> str:
    return f"{api}?{urlencode({'query': query, 'timespan': f'{written(since)}/{written(until)}'})}"


def post(rule: LogAlertRule, notice: Notice, api: str, webhook: str) -> None:
    requests.post(webhook, json=describe(rule, notice, api), timeout=10).raise_for_status()
