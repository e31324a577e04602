"""Drift reports, on both databases: kept as they were posted, once however often, listed, and dropped in the end."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from fastapi.testclient import TestClient

from inference.database import build_engine
from inference.drift_store import TICK, DriftStore, FoundDrift
from inference.jobs import forget_some
from inference.retention import DRIFT_REPORTS_KEPT_FOR, Retention
from tests.inference.drifting import LINK, REASONS, Fields, Trainer, body
from tests.inference.judging import Judging, judging

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

WaitFor = Callable[..., None]


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


def post(client: TestClient, **changes: object) -> Fields:
    response = client.post("/v1/drift-reports", json=body(**changes))
    assert response.status_code == 201, response.text
    return cast(Fields, response.json())


def listed(client: TestClient, **wanted: object) -> list[Fields]:
    response = client.get("/v1/drift-reports", params=wanted)
    assert response.status_code == 200, response.text
    return cast(list[Fields], response.json()["items"])


# --- what is posted is what is read


@both
def test_a_report_is_kept_as_it_was_posted(client: TestClient) -> None:
    assert listed(client) == []
    before = datetime.now(UTC)
    answer = post(client)
    assert listed(client) == [answer]
    assert before <= datetime.fromisoformat(str(answer.pop("at"))) <= datetime.now(UTC)
    assert answer.pop("report_id")
    assert answer == body()


@both
@pytest.mark.parametrize(
    "changes",
    [
        {"reasons": [], "monitors": [], "link": None, "windows": 0, "predictions": 0, "since": 0, "until": 0},
        {"since": 2**63 - 1, "until": 2**63 - 1, "predictions": 2**31 - 1, "windows": 1_000_000},
        {"reasons": ["<script>alert(1)</script> \u202e 😀\n**é**"] * 20, "reference": ""},
        {"model_version": "!" * 100, "link": "http://x/" + "y" * 991},
        {"monitors": [{"name": "m", "statistic": -1e308, "threshold": 0, "moved": False, "words": ""}] * 40},
    ],
    ids=["nothing", "the largest numbers", "markup", "the longest names", "forty monitors"],
)
def test_what_is_rare_is_kept_too(client: TestClient, changes: Fields) -> None:
    post(client, **changes)
    [kept] = listed(client)
    assert {name: kept[name] for name in body()} == body(**changes)


def test_forty_monitors_with_their_words_fit_into_one_request(client: TestClient) -> None:
    words = "the share of tweets with a link rose from 12.3 % to 45.6 %, where 14.2 % would be by chance"
    monitor = {"name": "share_of_links", "statistic": 0.4561234, "threshold": 0.1423456, "moved": True, "words": words}
    post(client, monitors=[monitor] * 40, reasons=[words] * 20)


def test_without_a_link_there_is_none(client: TestClient) -> None:
    given = {name: value for name, value in body().items() if name != "link"}
    response = client.post("/v1/drift-reports", json=given)
    assert (response.status_code, response.json()["link"]) == (201, None)


# --- once, however often it is posted


@both
def test_the_same_report_posted_again_is_answered_with_the_first(client: TestClient) -> None:
    first = post(client)
    assert [post(client) for _ in range(3)] == [first] * 3
    # A trainer that looked at the same again words it anew, and logs another page.
    assert post(client, reasons=["in other words"], link=f"{LINK}d", predictions=7) == first
    assert listed(client) == [first]


@both
@pytest.mark.parametrize(
    "changes", [{"model_digest": "e" * 64}, {"since": 3999}, {"until": 5001}, {"state": "stable"}], ids=str
)
def test_another_model_window_or_finding_is_another_report(client: TestClient, changes: Fields) -> None:
    first, second = post(client), post(client, **changes)
    assert first["report_id"] != second["report_id"]
    assert listed(client) == [second, first]


@both
def test_workers_that_are_posted_the_same_at_once_keep_one(database_url: str, people: Judging) -> None:
    found = FoundDrift("3", "d" * 64, "drifted", [], [], 1, 500, 0, 500, "r", None)
    engines = [build_engine(database_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda engine: DriftStore(engine).write_report(found, people.now), engines))
    for engine in engines:
        engine.dispose()
    assert len({report.report_id for report, _ in written}) == 1
    assert sorted(is_new for _, is_new in written) == [False] * 5 + [True]


@both
def test_no_two_reports_have_the_same_moment_whatever_the_clocks_say(people: Judging) -> None:
    trainer = Trainer(people)
    [first, second] = trainer.report("moved", "moved", day=1)
    [third] = trainer.report("moved", day=0.5)
    assert [second.at, third.at] == [first.at + TICK, first.at + 2 * TICK]


# --- listed


@both
def test_the_latest_come_first_as_many_as_are_wanted_and_of_one_version_if_wanted(client: TestClient) -> None:
    for number, version in enumerate(("3", "3", "4", "3")):
        post(client, model_version=version, until=5000 + number)

    def untils(**wanted: object) -> list[object]:
        return [report["until"] for report in listed(client, **wanted)]

    assert untils() == [5003, 5002, 5001, 5000]
    assert untils(limit=2) == [5003, 5002]
    assert untils(model_version="3") == [5003, 5001, 5000]
    assert untils(model_version="3", limit=1) == [5003]
    assert untils(model_version="5") == []


@pytest.mark.parametrize(
    "wrong",
    [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"model_version": ""}, {"model_version": "a b"}],
    ids=str,
)
def test_a_list_that_cannot_be_is_refused(client: TestClient, wrong: dict[str, str]) -> None:
    response = client.get("/v1/drift-reports", params=wrong)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == list(wrong)


# --- and dropped after its time


@both
def test_reports_are_dropped_after_400_days_even_where_everything_else_is_kept(people: Judging) -> None:
    now = datetime.now(UTC)
    trainer = Trainer(people)
    for age in (DRIFT_REPORTS_KEPT_FOR + timedelta(hours=1), DRIFT_REPORTS_KEPT_FOR - timedelta(hours=1)):
        people.now = now - age
        trainer._write("moved", "3", REASONS)
    old_and_young = untils(trainer.reports)
    forget_some(Retention(people.engine), 0.0)
    assert untils(trainer.reports) == old_and_young[:1]


def untils(reports: DriftStore) -> Sequence[int]:
    return [report.found.until for report in reports.list_reports(None, 10)]


@both
def test_a_report_of_drift_is_an_alert_within_moments(client: TestClient, wait_for: WaitFor) -> None:
    post(client, state="moved")
    post(client)
    wait_for(lambda: client.get("/v1/alerts").json()["items"] != [], seconds=5)
    [alert] = client.get("/v1/alerts").json()["items"]
    assert (alert["rule"], alert["kind"], alert["model_version"], alert["state"]) == ("drift", "alert", "3", "open")
    shown = client.get(f"/v1/alerts/{alert['alert_id']}").json()
    [opened] = shown["history"]
    assert opened["event"] == "opened"
    assert opened["note"].splitlines()[:2] == [f"- {reason}" for reason in REASONS]
    assert (shown["examples"], shown["judged"], shown["rejected_share"]) == ([], 0, None)
