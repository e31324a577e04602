"""The queries for Azure: read by the language service that Azure itself reads them with, as `make check` does.

What the alert queries mean is run in tests/azure.
"""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from inference.privacy import Privacy
from inference.rows import build_row
from inference.telemetry.events import describe_rejected, describe_served
from inference.telemetry.items import Event
from inference.telemetry.outbox import RejectionCopy
from tests.azure.bicep_rules import USUAL, read_rule
from tests.azure.kusto import AZURE, KQL, NO_NETWORK, NO_NODE, ROOT, SERVICE, check_files

ALERTS = sorted((AZURE / "alerts").glob("*.kql"))
EVERY_ALERT = pytest.mark.parametrize("path", ALERTS, ids=[path.stem for path in ALERTS])
# Those of what people reject; the others have words of their own.
BURST, RATE = (AZURE / "alerts" / f"{name}.kql" for name in ("rejected_burst", "rejection_rate"))
BOTH = pytest.mark.parametrize("path", [BURST, RATE], ids=["burst", "rate"])
# learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule; the last three at one minute only.
FORBIDDEN = r"\b(bag_unpack|pivot|narrow|evaluate|ago|now|search|union|take|limit)\b"

OTHER_TABLES = {
    "requests": "summarize percentile(duration, 95), sum(itemCount) by bin(timestamp, 5m), name, resultCode, success",
    "dependencies": 'where success == "False" | project target, type, data, duration',
    "exceptions": "summarize count() by type, outerMessage, problemId",
    "traces": "where severityLevel >= 2 | project timestamp, message",
    "customMetrics": 'where name == "request_seconds" | summarize sum(valueSum) / sum(valueCount) by cloud_RoleName',
    "performanceCounters": "summarize avg(value) by counter, instance",
    "AppRequests": "where Success == false | summarize sum(ItemCount) by bin(TimeGenerated, 5m), ResultCode",
    "AppMetrics": 'where Name == "request_seconds" | summarize sum(Sum) / sum(ItemCount) by AppRoleName',
    "AppEvents": "project TimeGenerated, Name, tostring(Properties.prediction_id), ItemCount, _BilledSize",
}


def code_of(path: Path) -> str:
    return re.sub(r"^//.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_azure_would_take_every_query() -> None:
    assert check_files() == []


def test_azure_would_take_the_alerts_as_bicep_changes_them(tmp_path: Path) -> None:
    files = []
    for place, changes in enumerate([{}, {"rejections": 12, "minutes": 355, "acceptedPercent": 1}]):
        for rule in ("rejected-burst", "rejection-rate"):
            files.append(tmp_path / f"{rule}-{place}.kql")
            files[-1].write_text(read_rule(rule, USUAL | changes).query, encoding="utf-8")
    assert "let n = 12; let m = 355m;" in files[2].read_text(encoding="utf-8")
    assert check_files(*files) == []


def test_what_is_wrong_is_said_with_its_place(tmp_path: Path) -> None:
    wrong = {
        "misspelt": "customEvents\n| extend x = tostring(customDimension.x)",
        "of_another_table": 'AppEvents\n| where name == "prediction_rejected"',
        "of_no_table": "customEvent | take 1",
        "not_closed": "customEvents\n| order by timestamp asc\n| extend x = prev(timestamp, 2",
        "of_another_type": "customEvents | where timestamp - 5 > 1m",
        "empty": "// The query is still to be written.\n",
    }
    for name, query in wrong.items():
        (tmp_path / name).write_text(query, encoding="utf-8")
    said = check_files(*(tmp_path / name for name in wrong))
    unknown = "does not refer to any known"
    assert [line.replace(f"{tmp_path}/", "") for line in said] == [
        f"misspelt:2:23: Error: The name 'customDimension' {unknown} column, table, variable or function.",
        f"of_another_table:2:9: Error: The name 'name' {unknown} column, table, variable or function.",
        f"of_no_table:1:1: Error: The name 'customEvent' {unknown} table, tabular variable or function.",
        "not_closed:3:31: Error: Expected: )",
        "of_another_type:1:32: Error: The operator '-' is not defined for the operand types datetime and long.",
        "empty:1:1: Error: there is no query here whose result is a table",
    ]


def test_the_tables_that_a_workbook_may_read_are_known(tmp_path: Path) -> None:
    for name, query in OTHER_TABLES.items():
        (tmp_path / name).write_text(f"{name} | {query}", encoding="utf-8")
    assert check_files(*(tmp_path / name for name in OTHER_TABLES)) == []


@EVERY_ALERT
def test_no_word_is_used_that_an_alert_rule_may_not_use(path: Path) -> None:
    assert re.findall(FORBIDDEN, code_of(path)) == []


@BOTH
def test_it_says_what_it_is_and_begins_with_its_numbers(path: Path) -> None:
    query = path.read_text(encoding="utf-8")
    assert all(f"// {word}" in query for word in ("The alert", "Scope:", "Rule:", "Window:", "Counted:", "Source:"))
    assert code_of(path).startswith("let ")


def sent_events() -> list[Event]:
    privacy, at = Privacy("key"), datetime(2026, 11, 25, 12, tzinfo=UTC)
    copy = RejectionCopy(1, 1, uuid4(), "negative", "positive", 0.9, "m", "1", "late", at)
    row = build_row(
        prediction_id=uuid4(),
        text="late",
        label="negative",
        probability=0.9,
        probabilities={"negative": 0.9, "positive": 0.1},
        abstained=False,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=at,
    )
    served = describe_served(row, privacy, include_text=False, stands_for=10)
    return [describe_rejected(copy, privacy, include_text=False), served]


@BOTH
def test_only_what_the_service_sends_is_read(path: Path) -> None:
    query = code_of(path)
    events = re.findall(r'"(prediction_\w+)"', query)
    read = set(re.findall(r"customDimensions\.(\w+)", query))
    sent = {event.name: set(event.properties) for event in sent_events()}
    assert events and all(read <= sent[event] for event in events)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the check needs, without what it installs; and a folder of programs, of which there are few."""
    for name in ("scripts/kql.sh", "scripts/npm_tools.sh", "infra/lint/kusto", "infra/azure"):
        source, copy = ROOT / name, tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy(source, copy)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "cmp", "cp", "dirname", "find", "grep", "mkdir", "mktemp", "mv", "rm", "sort"):
        (programs / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def add_program(checkout: Path, name: str, content: str) -> None:
    path = checkout / "programs" / name
    path.write_text(f"#!/bin/bash\n{content}\n", encoding="utf-8")
    path.chmod(0o755)


def run_check(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [str(checkout / KQL.relative_to(ROOT))]
    environment = {"PATH": str(checkout / "programs")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_without_node_it_says_that_it_is_skipped_and_what_is_missing(checkout: Path) -> None:
    said = run_check(checkout)
    assert said.returncode == NO_NODE
    assert said.stderr.startswith("skipped: node and npm are not here") and said.stdout == ""


@pytest.mark.parametrize(
    ("error", "status", "advice"),
    [
        ("npm error code ENOTFOUND", NO_NETWORK, "connect once, and run this again"),
        ("npm error code EINTEGRITY", 1, "npm could not install what infra/lint/kusto/package-lock.json pins"),
    ],
)
def test_what_cannot_be_installed_is_no_check_that_passes(checkout: Path, error: str, status: int, advice: str) -> None:
    add_program(checkout, "node", "exit 0")
    add_program(checkout, "npm", f"echo '{error}' >&2; exit 1")
    said = run_check(checkout)
    assert said.returncode == status
    assert error in said.stderr and advice in said.stderr
    assert list((checkout / ".tools").iterdir()) == []


def test_once_installed_it_asks_nobody(checkout: Path) -> None:
    check_files()
    (checkout / ".tools").mkdir()
    (checkout / ".tools" / "kusto").symlink_to(SERVICE)
    add_program(checkout, "npm", "exit 9")
    (checkout / "programs" / "node").symlink_to(str(shutil.which("node")))
    assert run_check(checkout).returncode == 0
    # Until other versions are pinned.
    (checkout / "infra/lint/kusto/package-lock.json").write_text("{}", encoding="utf-8")
    assert run_check(checkout).returncode == 1
