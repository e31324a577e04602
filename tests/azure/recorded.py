"""A day in small: the real service predicts, people reject, and what its SDK sent is recorded, step by step."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from inference.telemetry.sinks import Exporter
from tests.azure.kusto import Row
from tests.azure.rows import row_of
from tests.inference.conftest import free_port, migrate, wait_for
from tests.inference.receivers import Webhook, webhook
from tests.inference.recording_endpoint import Envelope, RecordingEndpoint
from tests.inference.running import running

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
PREDICTIONS = 40
# One in ten is sent, and stands for ten.
SERVED_SHARE = "0.1"
REJECTED, SERVED = "prediction_rejected", "prediction_served"


@dataclass(frozen=True)
class Recorded:
    """`rows` are those that Azure was sent, by how many predictions were rejected until then."""

    exporter: Exporter
    prediction_ids: list[str]
    rows: dict[int, list[Row]]
    # What the service told its own webhook of the burst.
    local_alerts: list[dict[str, object]]

    def rejected(self, count: int) -> list[Row]:
        return [row for row in self.rows[count] if row["name"] == REJECTED]

    def served(self) -> list[Row]:
        return [row for row in self.rows[0] if row["name"] == SERVED]


class People:
    """Who predicts and rejects, over HTTP, and waits until Azure knows."""

    def __init__(self, url: str, endpoint: RecordingEndpoint) -> None:
        self._url = url
        self._endpoint = endpoint

    def predict(self) -> list[str]:
        answer = self._post("/v1/predictions/batch", {"texts": [f"late again {each}" for each in range(PREDICTIONS)]})
        assert self._endpoint.wait_until(lambda seen: len(seen.events(SERVED)) == PREDICTIONS * float(SERVED_SHARE))
        return [each["prediction_id"] for each in answer["predictions"]]

    def reject(self, prediction_ids: Sequence[str]) -> None:
        before = len(self._endpoint.events(REJECTED))
        for prediction_id in prediction_ids:
            self._post("/v1/feedback", {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive"})
        assert self._endpoint.wait_until(lambda seen: len(seen.events(REJECTED)) == before + len(prediction_ids))

    def reject_while_azure_fails(self, prediction_id: str) -> None:
        """The endpoint takes it, and says that it did not: the service sends it again."""
        self._endpoint.answer(503)
        self._post("/v1/feedback", {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive"})
        assert self._endpoint.wait_until(lambda seen: has_been_refused(seen, prediction_id))
        self._endpoint.come_back()
        assert self._endpoint.wait_until(lambda seen: prediction_id in ids_of(seen.envelopes()))

    def _post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        answer = requests.post(self._url + path, json=body, timeout=30)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found


def events_in(envelopes: Sequence[Envelope]) -> list[Envelope]:
    return [each for each in envelopes if each["data"]["baseType"] == "EventData"]


def ids_of(envelopes: Sequence[Envelope]) -> list[str]:
    rejections = [each["data"]["baseData"] for each in events_in(envelopes)]
    return [each["properties"]["prediction_id"] for each in rejections if each["name"] == REJECTED]


def has_been_refused(endpoint: RecordingEndpoint, prediction_id: str) -> bool:
    return any(post.status == 503 and prediction_id in ids_of(post.envelopes) for post in endpoint.posts())


def rows_at(endpoint: RecordingEndpoint) -> list[Row]:
    """Of every request, whatever was answered: at worst Azure keeps what it says that it did not take."""
    return [row_of(each) for post in endpoint.posts() for each in events_in(post.envelopes)]


def record(exporter: Exporter, folder: Path) -> Recorded:
    with running_service(exporter, folder) as (people, endpoint, hook):
        ids = people.predict()
        rows = {0: rows_at(endpoint)}
        people.reject(ids[:1])
        people.reject_while_azure_fails(ids[1])
        rows[2] = rows_at(endpoint)
        people.reject(ids[2:3])
        rows[3] = rows_at(endpoint)
        wait_for(lambda: hook.bodies != [])
        told = list(hook.bodies)
        for before, count in ((3, 15), (15, 16)):
            people.reject(ids[before:count])
            rows[count] = rows_at(endpoint)
        return Recorded(exporter, ids, rows, told)


@contextmanager
def running_service(exporter: Exporter, folder: Path) -> Iterator[tuple[People, RecordingEndpoint, Webhook]]:
    with ExitStack() as opened:
        endpoint = opened.enter_context(RecordingEndpoint())
        hook = opened.enter_context(webhook())
        environment = opened.enter_context(pytest.MonkeyPatch.context())
        # The name under which Azure itself sets it.
        environment.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", endpoint.connection_string)
        database_url = f"sqlite:///{folder / 'inference.db'}"
        migrate(database_url)
        service = running(
            folder,
            f"http://127.0.0.1:{free_port()}",
            database_url=database_url,
            bundle=str(CHAMPION),
            telemetry_exporter=exporter,
            telemetry_served_share=SERVED_SHARE,
            alert_urls=f"json://{hook.address}/",
        )
        yield People(opened.enter_context(service).url, endpoint), endpoint, hook
