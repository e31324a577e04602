"""Gunicorn with three workers, on both databases: each takes one rejection, two are killed, and there is one alert."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest
import requests

from tests.inference.receivers import MailServer, Webhook, mail_server, webhook
from tests.inference.running import Service, Wire, build_request, running

TWEET = "@bob your bag is late: https://example.org/bob"
PROMISED_SECONDS = 10
START_SECONDS = 30

WaitFor = Callable[..., None]


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as mail:
        yield mail


@pytest.fixture
def service(
    make_bundle: Callable[..., Path],
    database_url: str,
    tmp_path: Path,
    unused_url: str,
    hook: Webhook,
    mail: MailServer,
) -> Iterator[Service]:
    with running(
        tmp_path,
        unused_url,
        database_url=database_url,
        bundle=str(make_bundle()),
        workers="3",
        alert_urls=f"json://{hook.address}/",
        alert_mail_from="alerts@air.example",
        alert_mail_to="ops@air.example",
        smtp_host="127.0.0.1",
        smtp_port=str(mail.port),
        smtp_security="none",
    ) as service:
        yield service


class Workers:
    """A connection to each worker: whoever takes one keeps it, and the log says who that is."""

    def __init__(self, service: Service, opened: ExitStack) -> None:
        self._service = service
        self._opened = opened
        self._wires: dict[int, Wire] = {}
        self._asked = 0

    def find(self, count: int, wait_for: WaitFor) -> list[int]:
        """Their process ids."""
        # One may be ready long before the others.
        end = time.monotonic() + START_SECONDS
        while len(self._wires) < count:
            assert time.monotonic() < end, f"only {list(self._wires)} take connections"
            self._asked += 1
            wire = self._opened.enter_context(self._service.connect())
            name = f"who-{self._asked}"
            assert wire.ask(build_request("/v1/alerts", b"", "GET", f"x-request-id: {name}")).status == 200
            self._wires.setdefault(self._who_served(name, wait_for), wire)
        return list(self._wires)

    def post(self, pid: int, path: str, body: dict[str, str]) -> dict[str, object]:
        name = f"{path.rpartition('/')[2]}-{pid}"
        request = build_request(path, json.dumps(body).encode(), "POST", f"x-request-id: {name}")
        answer = self._wires[pid].ask(request)
        assert answer.status in (200, 201), answer.body
        return cast(dict[str, object], json.loads(answer.body))

    def _who_served(self, request_id: str, wait_for: WaitFor) -> int:
        def words() -> list[str]:
            lines = self._service.log.read_text().splitlines()
            return [word for line in lines if f" request_id={request_id} " in line for word in line.split()]

        wait_for(lambda: words() != [])
        [pid] = [word.removeprefix("process=") for word in words() if word.startswith("process=")]
        return int(pid)


def deliveries(service: Service, alert_id: object) -> list[dict[str, object]]:
    shown = requests.get(f"{service.url}/v1/alerts/{alert_id}", timeout=10).json()
    return cast(list[dict[str, object]], shown["deliveries"])


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_three_rejections_at_three_workers_are_one_alert_in_every_inbox_though_two_are_killed(
    service: Service, hook: Webhook, mail: MailServer, wait_for: WaitFor, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as opened:
        workers = Workers(service, opened)
        first, second, third = workers.find(3, wait_for)
        for pid in (first, second, third):
            prediction = workers.post(pid, "/v1/predictions", {"text": TWEET})
            given = {"prediction_id": str(prediction["prediction_id"]), "verdict": "rejected", "label": "positive"}
            assert hook.bodies == []
            workers.post(pid, "/v1/feedback", given)
            if pid != first:
                os.kill(pid, signal.SIGKILL)
        rejected = time.monotonic()
        wait_for(lambda: hook.bodies != [] and mail.mails != [], seconds=PROMISED_SECONDS)
        took = time.monotonic() - rejected
    with capsys.disabled():
        print(f"\ntold by mail and webhook {took:.2f} s after the third rejection")  # noqa: T201
    assert took <= PROMISED_SECONDS

    [alert] = requests.get(f"{service.url}/v1/alerts", timeout=10).json()["items"]
    assert (alert["rule"], alert["state"], alert["rejected"], alert["times_seen"]) == ("burst", "open", 3, 1)
    wait_for(lambda: [each["state"] for each in deliveries(service, alert["alert_id"])] == ["delivered"] * 2)
    # None was tried twice, so none comes again.
    assert [len(cast(list[object], each["attempts"])) for each in deliveries(service, alert["alert_id"])] == [1, 1]

    [body] = hook.bodies
    [mailed] = mail.mails
    for said in (str(body["message"]), mailed.get_content()):
        assert "Several answers of the model were rejected within minutes, since " in said
        assert "Model version: pretrained" in said
        assert "Rejected: 3 of the last 3 verdicts, 100% (95 %: 44% to 100%)" in said
        assert said.count("- @user your bag is late: http://url [negative ") == 3
        assert "@bob" not in said and "example.org" not in said
    wait_for(lambda: len(service.workers()) == 3)
