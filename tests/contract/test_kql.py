"""The alert queries for Azure: read by the language service that Azure itself reads them with, and what they mean.

No engine for all of KQL can be had here, so that nothing runs the burst query as it is written. Its steps are done
again in Python (`ends_of_bursts`), with the numbers of the file, and the test fails where the file has other steps.
"""

import json
import math
import os
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from inference.privacy import Privacy
from inference.rows import build_row
from inference.telemetry.events import describe_rejected, describe_served
from inference.telemetry.items import Event
from inference.telemetry.outbox import RejectionCopy

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "infra" / "azure" / "alerts"
CHECKER = ROOT / "tests" / "contract" / "kusto"
MODULES = ROOT / ".tools" / "kusto"
BURST, RATE = ((ALERTS / f"{name}.kql").read_text(encoding="utf-8") for name in ("rejected_burst", "rejection_rate"))
BOTH = pytest.mark.parametrize("query", [BURST, RATE], ids=["burst", "rate"])
# learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule; the last three at one minute only.
FORBIDDEN = r"\b(bag_unpack|pivot|narrow|evaluate|ago|now|search|union|take|limit)\b"
NO_NETWORK = (
    r"E(50\d|NOTCACHED|NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|HOSTUNREACH|TIMEDOUT|SOCKETTIMEDOUT)\b"
    "|ERR_SOCKET"
)
Complaints = dict[str, list[str]]
Check = Callable[[dict[str, str]], Complaints]
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
Rejection = tuple[datetime, str]


@pytest.fixture(scope="session")
def language_service() -> Path:
    """A folder with the language service in its node_modules, as the lock file has it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node and npm here, which the Kusto language service needs")
    lock = (CHECKER / "package-lock.json").read_bytes()
    if not ((MODULES / "node_modules").is_dir() and (MODULES / "package-lock.json").read_bytes() == lock):
        install()
    return MODULES


def install() -> None:
    MODULES.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODULES.parent, ignore_cleanup_errors=True) as folder:
        made = Path(folder, "kusto")
        shutil.copytree(CHECKER, made)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
        npm = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=240)
        if re.search(NO_NETWORK, npm.stderr):
            pytest.skip("npm cannot reach its registry")
        assert npm.returncode == 0, npm.stderr
        # Whole or not at all: another test run may be about to read it.
        shutil.rmtree(MODULES, ignore_errors=True)
        os.replace(made, MODULES)


@pytest.fixture
def check(language_service: Path) -> Check:
    def ask(queries: dict[str, str]) -> Complaints:
        command = ["node", str(CHECKER / "check.mjs"), str(language_service)]
        said = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, timeout=60)
        assert said.returncode == 0, said.stderr
        return dict(json.loads(said.stdout))

    return ask


def code_of(query: str) -> str:
    return re.sub(r"^//.*\n", "", query, flags=re.MULTILINE)


def operators(query: str) -> list[str]:
    return re.findall(r"^\| (\w+)", query, re.MULTILINE)


def number(name: str, query: str) -> float:
    [found] = re.findall(rf"\blet {name} = ([\d.]+)m?;", code_of(query))
    return float(found)


def test_azure_would_take_the_queries(check: Check) -> None:
    assert check({"burst": BURST, "rate": RATE}) == {"burst": [], "rate": []}


def test_azure_would_take_them_with_other_numbers(check: Check) -> None:
    other = BURST.replace("let n = 3;", "let n = 12;").replace("let m = 5m;", "let m = 7.5m;")
    strict = RATE.replace("let accepted = 0.25;", "let accepted = 0.1;")
    assert BURST not in other and RATE not in strict
    assert check({"burst": other, "rate": strict}) == {"burst": [], "rate": []}


def test_a_column_misspelt_is_noticed(check: Check) -> None:
    misspelt = {
        "burst": BURST.replace("customDimensions", "customDimension"),
        "rate": RATE.replace("itemCount", "count_"),
    }
    said = check(misspelt)
    assert "The name 'customDimension' does not refer to any known column" in said["burst"][0]
    assert "The name 'count_' does not refer to any known column" in said["rate"][0]


@BOTH
def test_no_word_is_used_that_an_alert_rule_may_not_use(query: str) -> None:
    assert re.findall(FORBIDDEN, code_of(query)) == []


@BOTH
def test_it_says_what_it_is_and_begins_with_its_numbers(query: str) -> None:
    assert all(f"// {word}" in query for word in ("The alert", "Scope:", "Rule:", "Window:", "Counted:", "Source:"))
    assert code_of(query).startswith("let ")


def sent_events() -> list[Event]:
    privacy, at = Privacy("key"), NOON
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
def test_only_what_the_service_sends_is_read(query: str) -> None:
    events = re.findall(r'"(prediction_\w+)"', code_of(query))
    read = set(re.findall(r"customDimensions\.(\w+)", query))
    sent = {event.name: set(event.properties) for event in sent_events()}
    assert events and all(read <= sent[event] for event in events)


def ends_of_bursts(rejections: list[Rejection]) -> list[datetime]:
    """The burst query's steps: each prediction once, by time, and the one that came n - 1 before within m."""
    n, m = int(number("n", BURST)), timedelta(minutes=number("m", BURST))
    first: dict[str, datetime] = {}
    for at, prediction in rejections:
        first[prediction] = min(at, first.get(prediction, at))
    times = sorted(first.values())
    return [time for nth_before, time in zip(times, times[n - 1 :], strict=False) if time - nth_before <= m]


def rejected(*moments: tuple[float, str]) -> list[Rejection]:
    """Minutes after noon, in the order in which Azure might have them: any."""
    rows = [(NOON + timedelta(minutes=minutes), prediction) for minutes, prediction in moments]
    return random.Random(7).sample(rows, len(rows))


def test_the_steps_done_again_are_those_of_the_burst_query() -> None:
    assert operators(BURST) == ["where", "extend", "extend", "summarize", "order", "extend", "where", "project"]
    assert "summarize arg_min(timestamp, model_version) by prediction_id\n| order by timestamp asc" in BURST
    assert "nth_before = prev(timestamp, n - 1)\n| where isnotnull(nth_before) and timestamp - nth_before <= m" in BURST


def test_three_in_five_minutes_fire() -> None:
    assert ends_of_bursts(rejected((0, "a"), (2, "b"), (5, "c"))) == [NOON + timedelta(minutes=5)]
    # Wherever the rule's own window begins, and though it begins with some that are no part of it.
    assert ends_of_bursts(rejected((0, "a"), (4, "b"), (8, "c"), (8.5, "d"))) == [NOON + timedelta(minutes=8.5)]


def test_three_in_six_minutes_do_not_fire() -> None:
    assert ends_of_bursts(rejected((0, "a"), (3, "b"), (6, "c"))) == []
    # Nor many in the rule's window of ten, where no five minutes have three.
    assert ends_of_bursts(rejected((0, "a"), (3, "b"), (6, "c"), (9, "d"))) == []


def test_one_prediction_counts_once_however_often_it_comes() -> None:
    arrived_twice = [(1, "b"), (1, "b")]
    rejected_again = [(0, "a"), (2, "a"), (2.5, "a")]
    assert ends_of_bursts(rejected(*arrived_twice, *rejected_again)) == []
    # It counts when it was first rejected: the others came too late.
    assert ends_of_bursts(rejected((0, "a"), (4, "a"), (5.5, "b"), (6, "c"))) == []


@pytest.mark.parametrize(("share", "n"), [(0.0, 20.0), (0.3, 20.0), (0.5, 500.0), (1.0, 20.0)])
def test_the_bound_of_the_rate_is_the_lower_end_of_wilsons_interval(share: float, n: float) -> None:
    """The file's own arithmetic, which is Python's too: at the bound a share lies z standard errors from it."""
    known = {"share": share, "n": n, "z": number("z", RATE)}
    for name in ("reach", "lower_bound"):
        [arithmetic] = re.findall(rf"\| extend {name} = (.+)", RATE)
        known[name] = float(eval(arithmetic, {"sqrt": math.sqrt, **known}))
    bound = known["lower_bound"]
    assert 0 <= round(bound, 12) <= share
    assert share - bound == pytest.approx(1.96 * math.sqrt(max(0.0, bound * (1 - bound)) / n))
