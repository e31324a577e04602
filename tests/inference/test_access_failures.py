"""Wrong keys, again and again: their sender waits, and nobody who holds a valid one does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from inference.access.failures import AT_ONCE, Failures
from inference.errors import TooManyFailures
from tests.inference.keyed import KeyRing

StartApp = Callable[..., AbstractContextManager[TestClient]]

PREDICTIONS = "/v1/predictions"
LATE = {"text": "late"}


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
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "api-keys")


def count_noted(failures: Failures, address: str | None = "10.0.0.1") -> int:
    for noted in range(100):
        try:
            failures.note({"client": address and (address, 5000)})
        except TooManyFailures:
            return noted
    return 100


def test_twenty_are_noted_and_then_one_more_for_each_three_seconds(tmp_path: Path, clock: Clock) -> None:
    failures = Failures(tmp_path)
    assert count_noted(failures) == AT_ONCE
    with pytest.raises(TooManyFailures) as refused:
        failures.note({"client": ("10.0.0.1", 1)})
    assert refused.value.headers() == {"Retry-After": "3"}
    clock.now += 3.1
    assert count_noted(failures) == 1
    clock.now += 60
    assert count_noted(failures) == AT_ONCE


def test_workers_share_the_count_and_addresses_do_not(tmp_path: Path, clock: Clock) -> None:
    one, other = Failures(tmp_path), Failures(tmp_path)
    assert count_noted(one) == AT_ONCE
    assert count_noted(other) == 0
    for address in ("10.0.0.2", None, "no address", "::ffff:10.0.0.3", "::ffff:10.0.0.4"):
        assert count_noted(other, address) == AT_ONCE
    assert [path.name for path in tmp_path.iterdir()] == ["failures.table"]


def test_a_household_of_ipv6_addresses_is_one(tmp_path: Path, clock: Clock) -> None:
    failures = Failures(tmp_path)
    assert count_noted(failures, "2001:db8:1:2::1") == AT_ONCE
    assert count_noted(failures, "2001:db8:1:2:ffff::9") == 0
    assert count_noted(failures, "2001:db8:1:3::1") == AT_ONCE
    assert count_noted(failures, "fe80::1%eth0") == AT_ONCE


def test_over_http_further_wrong_ones_are_429_and_a_valid_key_is_always_answered(
    start_app: StartApp, ring: KeyRing, tmp_path: Path, clock: Clock
) -> None:
    valid, other = {"x-api-key": ring.add("page")}, {"x-api-key": ring.add("reader", "read")}
    with start_app(api_keys_file=ring.path) as client:
        for _ in range(50):
            assert client.post(PREDICTIONS, json=LATE, headers=valid).status_code == 200
            assert client.post(PREDICTIONS, json=LATE, headers=other).status_code == 403
        # Nothing was written for them.
        assert not (tmp_path / "spool" / "failures.table").exists()
        wrong = [client.post(PREDICTIONS, json=LATE, headers={"x-api-key": f"c4n4ry-{n}"}) for n in range(30)]
        assert [each.status_code for each in wrong] == [401] * AT_ONCE + [429] * (30 - AT_ONCE)
        assert wrong[-1].headers["content-type"] == "application/problem+json"
        assert wrong[-1].headers["retry-after"] == "3"
        assert "c4n4ry" not in wrong[-1].text
        # Who sends nothing counts like who sends what is wrong.
        assert client.get("/metrics").status_code == 429
        for _ in range(50):
            assert client.post(PREDICTIONS, json=LATE, headers=valid).status_code == 200
        assert client.get("/health/ready").status_code == 200


def test_guesses_at_the_owners_key_are_counted_where_there_is_nothing_else(start_app: StartApp, clock: Clock) -> None:
    with start_app(owner_key=SecretStr("k-3-y")) as client:
        statuses = [client.post("/v1/rollbacks", headers={"x-api-key": f"{n}"}, json={}).status_code for n in range(22)]
        assert statuses == [401] * AT_ONCE + [429] * 2
        assert client.post("/v1/rollbacks", headers={"x-api-key": "k-3-y"}, json={}).status_code == 422
        # The routes that are open stay so.
        assert client.post(PREDICTIONS, json=LATE).status_code == 200


def test_keys_that_are_made_up_draw_on_the_quota_of_their_address(start_app: StartApp, ring: KeyRing) -> None:
    valid = {"x-api-key": ring.add("page")}
    with start_app(api_keys_file=ring.path, quota_per_second=0.001, quota_burst=3) as client:
        made_up = [client.get("/v1/model", headers={"x-api-key": f"{n}"}) for n in range(5)]
        assert [each.status_code for each in made_up] == [401] * 3 + [429] * 2
        assert [client.get("/v1/model", headers=valid).status_code for _ in range(5)] == [200] * 3 + [429] * 2
