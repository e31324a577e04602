"""A caller's share: a burst, then so many a second, counted over all workers of the machine."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from inference.access.scopes import Caller
from inference.errors import OverQuota
from inference.quota import PLACE, SALT_BYTES, Quota
from tests.inference.keyed import KeyRing

StartApp = Callable[..., AbstractContextManager[TestClient]]

PREDICTIONS = "/v1/predictions"


class Clock:
    """In place of the module `time`; a machine that has been up for a thousand seconds."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("inference.quota.time", clock)
    return clock


@pytest.fixture
def quota(tmp_path: Path, clock: Clock) -> Quota:
    """Two a second, eight at once."""
    return Quota(tmp_path, per_second=2, burst=8)


def build_scope(
    path: str = PREDICTIONS, address: str | None = "10.0.0.1", headers: Mapping[str, str] | None = None
) -> dict[str, object]:
    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return {"type": "http", "path": path, "client": address and (address, 5000), "headers": pairs}


def count_allowed(quota: Quota, scope: dict[str, object], name: str | None = None, tries: int = 100) -> int:
    caller = Caller(name, frozenset()) if name else None
    for allowed in range(tries):
        try:
            quota.charge(scope, caller)
        except OverQuota:
            return allowed
    return tries


def test_a_burst_is_let_through_and_then_no_more(quota: Quota) -> None:
    assert count_allowed(quota, build_scope()) == 8
    with pytest.raises(OverQuota) as refused:
        quota.charge(build_scope())
    assert refused.value.headers() == {"Retry-After": "1"}


def test_without_a_quota_the_same_crowd_is_let_through(tmp_path: Path) -> None:
    assert count_allowed(Quota(tmp_path, per_second=0, burst=1), build_scope()) == 100
    assert list(tmp_path.iterdir()) == []


def test_after_retry_after_there_is_more(tmp_path: Path, clock: Clock) -> None:
    quota = Quota(tmp_path, per_second=0.25, burst=2)
    assert count_allowed(quota, build_scope()) == 2
    with pytest.raises(OverQuota) as refused:
        quota.charge(build_scope())
    assert refused.value.headers() == {"Retry-After": "4"}
    clock.now += 3.9
    assert count_allowed(quota, build_scope()) == 0
    clock.now += 0.1
    assert count_allowed(quota, build_scope()) == 1


def test_it_fills_up_again_with_time_but_never_beyond_a_burst(quota: Quota, clock: Clock) -> None:
    assert count_allowed(quota, build_scope()) == 8
    clock.now += 2
    assert count_allowed(quota, build_scope()) == 4
    clock.now += 3600
    assert count_allowed(quota, build_scope()) == 8


def test_who_keeps_asking_while_refused_is_not_put_off_any_longer(quota: Quota, clock: Clock) -> None:
    count_allowed(quota, build_scope())
    for _ in range(100):
        assert count_allowed(quota, build_scope()) == 0
    clock.now += 0.5
    assert count_allowed(quota, build_scope()) == 1


def test_whoever_is_known_has_a_share_of_their_own_from_whatever_address(quota: Quota) -> None:
    assert count_allowed(quota, build_scope(), "anna") == 8
    assert count_allowed(quota, build_scope(address="10.0.0.2"), "anna") == 0
    assert count_allowed(quota, build_scope(), "ben") == 8
    assert count_allowed(quota, build_scope()) == 8
    # Who is called like an address is not that address.
    assert count_allowed(quota, build_scope(), "10.0.0.1") == 8


@pytest.mark.parametrize("name", ["x-api-key", "authorization"])
def test_a_key_that_is_made_up_is_no_way_to_another_share(quota: Quota, name: str) -> None:
    assert count_allowed(quota, build_scope(headers={name: "anna"})) == 8
    assert count_allowed(quota, build_scope(headers={name: "ben"})) == 0
    assert count_allowed(quota, build_scope()) == 0


def test_without_a_key_it_is_the_address_that_counts(quota: Quota) -> None:
    assert count_allowed(quota, build_scope()) == 8
    assert count_allowed(quota, build_scope(address="10.0.0.2")) == 8
    assert count_allowed(quota, build_scope(address=None)) == 8
    assert count_allowed(quota, build_scope(address=None)) == 0


def test_the_workers_of_a_machine_share_one_count(quota: Quota, tmp_path: Path) -> None:
    other = Quota(tmp_path, per_second=2, burst=8)
    for worker in (quota, other) * 3:
        worker.charge(build_scope())
    assert count_allowed(other, build_scope()) == 2
    assert count_allowed(quota, build_scope()) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["quota.table"]


def test_two_machines_count_each_for_itself(quota: Quota, tmp_path: Path) -> None:
    assert count_allowed(quota, build_scope()) == 8
    assert count_allowed(Quota(tmp_path / "other", per_second=2, burst=8), build_scope()) == 8


def test_a_table_from_before_the_machine_was_started_anew_locks_nobody_out(tmp_path: Path, clock: Clock) -> None:
    clock.now = 5_000_000.0
    assert count_allowed(Quota(tmp_path, per_second=2, burst=8), build_scope()) == 8
    clock.now = 10.0
    assert count_allowed(Quota(tmp_path, per_second=2, burst=8), build_scope()) == 8


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1e300, 1e300])
def test_a_damaged_table_locks_nobody_out(tmp_path: Path, clock: Clock, value: float) -> None:
    Quota(tmp_path, per_second=2, burst=8)
    table = tmp_path / "quota.table"
    content = table.read_bytes()
    places = (len(content) - SALT_BYTES) // PLACE.size
    table.write_bytes(content[:SALT_BYTES] + PLACE.pack(value) * places)
    assert count_allowed(Quota(tmp_path, per_second=2, burst=8), build_scope()) == 8


@pytest.mark.parametrize(("length", "allowed"), [(0, 8), (1023, 8), (1024, 4), (3 * 1024, 2), (7 * 1024, 1)])
def test_each_kib_of_a_body_counts_as_one_more(quota: Quota, length: int, allowed: int) -> None:
    assert count_allowed(quota, build_scope(headers={"content-length": str(length)})) == allowed


def test_a_body_larger_than_the_burst_takes_all_of_it_and_is_let_through_when_that_is_whole(
    quota: Quota, clock: Clock
) -> None:
    large = build_scope(headers={"content-length": str(200 * 1024)})
    assert count_allowed(quota, large) == 1
    clock.now += 3.5
    assert count_allowed(quota, large) == 0
    clock.now += 0.5
    assert count_allowed(quota, large) == 1


@pytest.mark.parametrize("length", ["", "-1", "1e3", "9" * 40, "\u00b2"])
def test_a_length_that_is_none_counts_as_the_longest_body(quota: Quota, length: str) -> None:
    assert count_allowed(quota, build_scope(headers={"content-length": length})) == 1


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/docs"])
def test_what_is_not_work_is_never_limited(quota: Quota, path: str) -> None:
    count_allowed(quota, build_scope())
    assert count_allowed(quota, build_scope(path)) == 100


def post_late(client: TestClient, **headers: str) -> Response:
    return client.post(PREDICTIONS, json={"text": "late"}, headers={k.replace("_", "-"): headers[k] for k in headers})


def test_over_http_it_is_429_with_a_problem_and_is_counted(start_app: StartApp, tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "api-keys")
    anna, ben = ring.add("anna"), ring.add("ben", "predict,read")
    with start_app(api_keys_file=ring.path, quota_per_second=0.01, quota_burst=3) as client:
        statuses = [post_late(client, x_api_key=anna).status_code for _ in range(5)]
        refused = post_late(client, x_api_key=anna)
        other = post_late(client, x_api_key=ben)
        health = [client.get(path).status_code for path in ("/health/live", "/health/ready")]
        metrics = client.get("/metrics", headers={"x-api-key": ben}).text
    assert statuses == [200, 200, 200, 429, 429]
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["status"], refused.json()["title"]) == (429, "Too Many Requests")
    assert 1 < int(refused.headers["retry-after"]) <= 100
    assert (other.status_code, health) == (200, [200, 200])
    assert "inference_requests_over_quota_total 3.0" in metrics


def test_every_route_that_is_work_is_limited(start_app: StartApp) -> None:
    with start_app(quota_per_second=0.001, quota_burst=1) as client:
        assert post_late(client).status_code == 200
        for method, path in (("GET", PREDICTIONS), ("POST", f"{PREDICTIONS}/batch"), ("POST", "/v1/feedback")):
            assert client.request(method, path).status_code == 429
        assert client.get("/v1/model").status_code == 429


def test_a_batch_sent_in_chunks_is_no_way_around(start_app: StartApp) -> None:
    body = b'{"texts": ["' + b"late " * 150 + b'"' + b', "' + b"late " * 150 + b'"]}'
    with start_app(quota_per_second=0.001, quota_burst=4) as client:
        headers = {"content-type": "application/json"}
        statuses = [
            client.post(f"{PREDICTIONS}/batch", content=iter([body]), headers=headers).status_code for _ in range(4)
        ]
    assert statuses.count(200) <= 2
