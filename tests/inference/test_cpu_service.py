"""The service as it is really started: what it says is spent is what /proc says, and it warns before all of it is."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from inference.cpu_time import find_meter
from tests.inference.receivers import Webhook, webhook
from tests.inference.recording_endpoint import RecordingEndpoint
from tests.inference.running import Service, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc here")

WaitFor = Callable[..., None]
# A look every ten seconds.
SOON = 30
# Ticks of the clock, cut off in each process.
BLUR = 0.2


def metric(service: Service, name: str) -> float:
    """-1 where it is not said."""
    said = requests.get(f"{service.url}/metrics", timeout=5).text
    found = re.search(rf"^inference_{name} (\S+)$", said, re.MULTILINE)
    return float(found[1]) if found else -1.0


def measured(service: Service) -> float:
    meter = find_meter(service.process.pid)
    assert meter is not None
    return meter.read().cpu_seconds


def burn(service: Service, predictions: int) -> None:
    """Each on a connection of its own, so that all workers have some, and each another text."""

    def ask(number: int) -> int:
        body = {"text": f"late {number}"}
        return requests.post(f"{service.url}/v1/predictions", json=body, timeout=10).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(predictions))) == {200}


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    with RecordingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


def test_two_workers_are_counted_once_and_a_killed_one_too(
    make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str, wait_for: WaitFor
) -> None:
    bundle = str(make_bundle())
    with running(tmp_path, unused_url, database_url=database_url, bundle=bundle, workers="2") as service:
        for _ in range(2):
            burn(service, 600)
            before = measured(service)
            # The next look is after that.
            wait_for(lambda before=before: metric(service, "cpu_seconds_today") >= before - BLUR, seconds=SOON)
            said = {metric(service, "cpu_seconds_today") for _ in range(8)}
            # Whichever worker is asked.
            assert max(said) <= measured(service) + BLUR
            assert metric(service, "cpu_seconds_last_five_minutes") == pytest.approx(max(said), abs=BLUR)
            victim = service.workers()[0]
            os.kill(victim, signal.SIGKILL)
            wait_for(
                lambda victim=victim: victim not in service.workers() and len(service.workers()) == 2, seconds=SOON
            )
        assert metric(service, "cpu_budget_seconds") == 0
        assert metric(service, "memory_bytes") > 50e6
        assert metric(service, "memory_limit_bytes") >= 0
        assert "cpu_budget_low" not in service.log.read_text()


def lines_of(service: Service, word: str) -> list[str]:
    return [line for line in service.log.read_text().splitlines() if line.startswith(word)]


def bodies(hook: Webhook) -> list[str]:
    return [f"{body['title']}\n{body['message']}" for body in hook.bodies]


def end(service: Service) -> None:
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(timeout=30)


def test_whoever_is_told_hears_of_a_day_that_runs_out_and_only_once(
    make_bundle: Callable[..., Path],
    database_url: str,
    tmp_path: Path,
    unused_url: str,
    wait_for: WaitFor,
    endpoint: RecordingEndpoint,
    hook: Webhook,
) -> None:
    # Three seconds: a start takes half of them.
    settings = {
        "database_url": database_url,
        "bundle": str(make_bundle()),
        "cpu_minutes_a_day": "0.05",
        "cpu_state_file": str(tmp_path / "kept" / "cpu.json"),
        "alert_urls": f"json://{hook.address}/",
        "applicationinsights_connection_string": endpoint.connection_string,
    }
    with running(tmp_path, unused_url, **settings) as service:
        while measured(service) < 3:
            burn(service, 200)
        wait_for(lambda: hook.bodies != [], seconds=SOON)
        assert endpoint.wait_until(lambda endpoint: endpoint.events("cpu_budget_low") != [], SOON)
        end(service)
        [line] = lines_of(service, "cpu_budget_low")
    said = re.match(
        r"cpu_budget_low spent=(\S+) budget=3 share=(\S+) exhausted_at=(\S+) reason=day level=WARNING", line
    )
    assert said, line
    spent = float(said[1])
    # Both are rounded.
    assert spent >= 1.5 and float(said[2]) == pytest.approx(spent / 3, abs=0.04)
    [event] = endpoint.events("cpu_budget_low")
    assert event["properties"] == {
        "reason": "day",
        "spent_seconds": said[1],
        "budget_seconds": "3",
        "share": event["properties"]["share"],
        "exhausted_at": said[3],
    }
    assert float(event["properties"]["share"]) == pytest.approx(spent / 3, abs=0.04)
    [told] = bodies(hook)
    assert "The processor time of the day is running out" in told and "of 0.1 minutes" in told
    again(tmp_path, unused_url, settings, wait_for)
    assert len(endpoint.events("cpu_budget_low")) == len(hook.bodies) == 1


def again(folder: Path, url: str, settings: dict[str, str], wait_for: WaitFor) -> None:
    """Another container finds what was spent, and says nothing more."""
    kept = json.loads((folder / "kept" / "cpu.json").read_text())["today_seconds"]
    with running(folder, url, **settings) as service:
        wait_for(lambda: metric(service, "cpu_seconds_today") > kept, seconds=SOON)
        assert metric(service, "cpu_budget_seconds") == 3
        end(service)
        assert lines_of(service, "cpu_budget_low") == []


def test_a_state_file_that_cannot_be_written_stops_nobody(
    make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str
) -> None:
    (tmp_path / "file").touch()
    state = str(tmp_path / "file" / "cpu.json")
    with running(
        tmp_path, unused_url, database_url=database_url, bundle=str(make_bundle()), cpu_state_file=state
    ) as service:
        burn(service, 5)
        assert metric(service, "cpu_seconds_today") > 0
        end(service)
        assert len(lines_of(service, "cpu_state_")) == 1


def test_settings_that_make_no_sense_are_refused() -> None:
    variables = os.environ | {"INFERENCE_CPU_MINUTES_A_DAY": "-1"}
    command = [sys.executable, "-c", "from inference.settings import load_settings; load_settings()"]
    said = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr.startswith("error: INFERENCE_CPU_MINUTES_A_DAY: ")) == (1, True)
