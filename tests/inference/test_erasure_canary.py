"""A real service is told things with words in them that are nowhere else; the persons are erased, and so are the words.

Of Postgres only what SQL shows is claimed: the old versions of the rows lie in its files until its next vacuum, and in
its own log and its backups for as long as those are kept.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine

from inference.database import build_engine
from inference.jobs import forget_some
from inference.privacy import Privacy
from inference.retention import Retention
from inference.spool import Spool
from tests.inference.log_worker import MIB
from tests.inference.recording_endpoint import RecordingEndpoint
from tests.inference.running import Service, running
from tests.inference.stored import everything_in, files_with, row_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

WaitFor = Callable[..., None]
Answer = dict[str, Any]

KEY = "a key of its own"
AUTHOR, REVIEWER, BYSTANDER = "author-4711", "reviewer-0815", "bystander-42"
PSEUDONYMS = {person: Privacy(KEY).pseudonym(person) for person in (AUTHOR, REVIEWER, BYSTANDER)}
TWEET, COMMENT, LATE_TWEET, KEPT = "quetzalcoatlus", "archaeopteryx", "dimetrodon", "compsognathus"
WORDS = (TWEET, COMMENT, AUTHOR, REVIEWER)


@dataclass(frozen=True)
class Place:
    """Where the service runs, and all the places to which it could have carried a word."""

    service: Service
    folder: Path
    database_url: str
    endpoint: RecordingEndpoint
    engine: Engine

    def post(self, path: str, body: object) -> Answer:
        response = requests.post(f"{self.service.url}{path}", json=body, timeout=10)
        assert response.ok, response.text
        answer: Answer = response.json()
        return answer

    def get(self, path: str) -> Answer:
        answer: Answer = requests.get(f"{self.service.url}{path}", timeout=10).json()
        return answer

    def items(self, path: str) -> list[Answer]:
        return list(self.get(path)["items"])

    def examples(self) -> list[Answer]:
        alerts = [self.get(f"/v1/alerts/{alert['alert_id']}") for alert in self.items("/v1/alerts")]
        return [example for alert in alerts for example in alert["examples"]]

    def finds(self, word: str) -> bool:
        """In a table, in a file (SQLite's, the spool, the log), in what has left, or in what is shown."""
        pages = [self.items(path) for path in ("/v1/predictions", "/v1/feedback", "/v1/alerts")]
        shown = json.dumps([*pages, self.examples()])
        left = json.dumps(self.endpoint.envelopes())
        texts = (everything_in(self.database_url), shown, left)
        return bool(files_with(self.folder, word)) or any(word in text for text in texts)

    def erase(self, person: str) -> str:
        settings = {"DATABASE_URL": self.database_url, "SPOOL_DIR": str(self.folder / "spool"), "SUBJECT_KEY": KEY}
        ended = subprocess.run(
            [sys.executable, "-m", "inference", "erase", "-"],
            env=os.environ | {f"INFERENCE_{name}": value for name, value in settings.items()},
            input=person,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    def spool(self, content: str, at: datetime) -> Spool:
        """A file of rows, as a worker leaves it that was cut off; it is held until it is sealed."""
        spool = Spool(self.folder / "spool", MIB)
        spool.add([row_of(content, at, PSEUDONYMS[AUTHOR])])
        return spool


@pytest.fixture
def place(make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str) -> Iterator[Place]:
    engine = build_engine(database_url)
    with RecordingEndpoint() as endpoint:
        settings = {
            "database_url": database_url,
            "bundle": str(make_bundle()),
            "workers": "2",
            "subject_key": KEY,
            "applicationinsights_connection_string": endpoint.connection_string,
            "telemetry_include_text": "false",
            "telemetry_served_share": "1",
        }
        with running(tmp_path, unused_url, **settings) as service:
            yield Place(service, tmp_path, database_url, endpoint, engine)
    engine.dispose()


def tell(place: Place, wait_for: WaitFor) -> list[str]:
    """What was said, and by whom: the ids of the author's predictions, all rejected, for which an alert is open."""
    single = place.post("/v1/predictions", {"text": f"late {TWEET}", "author": AUTHOR})
    batch = {"texts": [f"lost {TWEET}", "thanks", f"late {TWEET} again"], "authors": [AUTHOR, BYSTANDER, AUTHOR]}
    first, other, second = place.post("/v1/predictions/batch", batch)["predictions"]
    theirs = [str(each["prediction_id"]) for each in (single, first, second)]
    for prediction_id, reviewer in zip(theirs, (REVIEWER, REVIEWER, BYSTANDER), strict=True):
        said = COMMENT if reviewer == REVIEWER else f"who says {TWEET}?"
        verdict = {"prediction_id": prediction_id, "verdict": "rejected", "comment": said, "reviewer": reviewer}
        place.post("/v1/feedback", verdict)
    place.post("/v1/feedback", {"prediction_id": other["prediction_id"], "verdict": "confirmed", "reviewer": REVIEWER})
    wait_for(lambda: place.items("/v1/alerts"))
    assert place.endpoint.wait_until(lambda endpoint: len(endpoint.events("prediction_rejected")) == 3)
    assert place.endpoint.wait_until(lambda endpoint: len(endpoint.events("prediction_served")) == 4)
    return theirs


def statistics(place: Place) -> object:
    labels = Counter((item["label"], item["probability"]) for item in place.items("/v1/predictions"))
    verdicts = Counter((item["verdict"], item["predicted_label"]) for item in place.items("/v1/feedback"))
    alerts = [(alert["state"], alert["judged"], alert["rejected"]) for alert in place.items("/v1/alerts")]
    examples = [(each["prediction_id"], each["predicted_label"]) for each in place.examples()]
    return labels, verdicts, alerts, examples


def test_what_was_erased_is_nowhere(place: Place, wait_for: WaitFor) -> None:
    theirs = tell(place, wait_for)
    held = place.spool(f"late {TWEET} in the spool", datetime.now(UTC))
    wait_for(lambda: len(place.items("/v1/predictions")) == 5)
    assert all(place.finds(word) for word in (TWEET, COMMENT, PSEUDONYMS[AUTHOR], PSEUDONYMS[REVIEWER]))
    assert files_with(place.folder / "spool", TWEET)
    assert f"late {TWEET}" in {example["text"] for example in place.examples()}
    before = statistics(place)

    # Three tweets in the database and one in the spool; one comment of another is about them.
    assert place.erase(AUTHOR).startswith("Erased: texts 4, verdicts 3.\n")
    assert place.erase(REVIEWER).startswith("Erased: texts 0, verdicts 3.\n")
    held.seal()
    wait_for(lambda: not files_with(place.folder / "spool", TWEET))
    assert [word for word in WORDS if place.finds(word)] == []
    # Known for a week only by the request itself, so that what still comes in is erased too.
    stored = everything_in(place.database_url)
    assert [stored.count(PSEUDONYMS[person]) for person in (AUTHOR, REVIEWER)] == [1, 1]

    # What stays: everything that is counted, and what others wrote.
    assert statistics(place) == before
    assert [item["text"] for item in place.items("/v1/predictions")] == [None, None, "thanks", None, None]
    assert [item["text"] for item in place.items("/v1/feedback")] == [None, None, None, "thanks"]
    assert {example["text"] for example in place.examples()} == {None}
    for prediction_id in theirs:
        url = f"{place.service.url}/v1/predictions/{prediction_id}/explanation"
        assert requests.post(url, timeout=10).status_code == 410
    assert PSEUDONYMS[BYSTANDER] in stored


def test_what_comes_in_late_is_erased_and_what_is_written_afterwards_is_kept(place: Place, wait_for: WaitFor) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    place.erase(AUTHOR)
    place.spool(f"late {LATE_TWEET}", before).seal()
    wait_for(lambda: place.finds(LATE_TWEET) and not list((place.folder / "spool").glob("*.rows")))
    new = place.post("/v1/predictions", {"text": f"great {KEPT}", "author": AUTHOR})
    verdict = {"prediction_id": new["prediction_id"], "verdict": "rejected", "comment": KEPT, "reviewer": AUTHOR}
    place.post("/v1/feedback", verdict)
    # What each worker does once a minute.
    forget_some(Retention(place.engine), 90)
    assert not place.finds(LATE_TWEET)
    assert [item["text"] for item in place.items("/v1/predictions")] == [None, f"great {KEPT}"]
    assert [item["comment"] for item in place.items("/v1/feedback")] == [KEPT]
    assert [item["reviewer"] for item in place.items("/v1/feedback")] == [PSEUDONYMS[AUTHOR]]
