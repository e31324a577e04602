"""The drill: a backup while it runs, all volumes destroyed, a restore; the same rows and the same champion.

    make stack PYTEST_ARGS=tests/stack/test_restore.py

In containers of its own, beside those of the other tests.
"""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.stack.another_version import copy_champion
from tests.stack.stack import ROOT, free_port, variables, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

PROJECT = "air-paradis-restore"
PORTS = ("UI_PORT", "INFERENCE_PORT", "MLFLOW_PORT")
WORDS = {"text": "My flight was cancelled, “naturellement” ✈", "author": "jane"}
Answer = dict[str, object]


@dataclass(frozen=True)
class Drill:
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        answer = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
        return answer.stdout

    def compose(self, *arguments: str) -> str:
        return self.run("docker", "compose", *arguments)

    def up(self) -> None:
        self.compose("up", "--build", "--detach")
        wait_until(self.is_ready, 240)

    def is_ready(self) -> bool:
        """Each worker gets ready for itself: twenty answers in a row."""
        try:
            return all(self.ask(path).ok for path in (*["/health/ready"] * 20, "/v1/feedback?limit=1"))
        except requests.RequestException:
            return False

    def ask(self, path: str, body: Answer | None = None) -> requests.Response:
        url = f"http://127.0.0.1:{self.environment['INFERENCE_PORT']}{path}"
        return requests.get(url, timeout=10) if body is None else requests.post(url, json=body, timeout=30)

    def get(self, path: str) -> Answer:
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, path: str, body: Answer) -> Answer:
        answer = self.ask(path, body)
        assert answer.ok, answer.text
        return dict(answer.json())

    def serves(self, version: str) -> bool:
        """As each gets ready."""
        return all(self.get("/v1/model")["version"] == version for _ in range(20))

    def kept(self) -> list[Answer]:
        """All that the API shows of what was said and done; the drill is shorter than a page."""
        return [self.get(path) for path in ("/v1/predictions?limit=1000", "/v1/feedback?limit=1000", "/v1/journal")]

    def champion(self, version: str) -> object:
        """The digest of what answers. Each worker follows for itself, and the edge may ask the other one next."""
        served: Answer = {}

        def follows() -> bool:
            served.update(self.get("/v1/model"))
            return served["version"] == version

        wait_until(follows, 120)
        return served["digest"]

    def versions(self) -> list[Answer]:
        return list(self.get("/v1/models")["items"])  # type: ignore[call-overload]


@pytest.fixture
def drill() -> Iterator[Drill]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine with Compose v2 here")
    drill = Drill(variables(COMPOSE_PROJECT_NAME=PROJECT, **{name: str(free_port()) for name in PORTS}))
    drill.compose("down", "--volumes", "--remove-orphans")
    try:
        yield drill
    finally:
        try:
            logs = drill.compose("logs", "--no-color", "--tail", "200")
            (ROOT / "var").mkdir(exist_ok=True)
            (ROOT / "var" / "restore.log").write_text(logs, encoding="utf-8")
        finally:
            drill.compose("down", "--volumes", "--remove-orphans")


def test_what_was_backed_up_is_there_again_after_all_volumes_are_gone(drill: Drill, tmp_path: Path) -> None:
    folder = str(tmp_path / "backup")
    drill.up()
    wait_until(lambda: drill.serves("1"), 120)
    asked = [drill.post("/v1/predictions", {**WORDS, "text": f"{WORDS['text']} {number}"}) for number in range(5)]
    other = "negative" if asked[0]["label"] == "positive" else "positive"
    verdict = {"verdict": "rejected", "label": other, "comment": "irony, c'est 'tout'", "reviewer": "john"}
    for prediction in asked[:3]:
        drill.post("/v1/feedback", {**verdict, "prediction_id": prediction["prediction_id"]})
    drill.compose(
        "run", "--rm", "--entrypoint", "python", "trainer", "-c", copy_champion("var/copy", "trainer train again")
    )
    drill.compose("run", "--rm", "trainer", "register", "var/copy")
    drill.compose("run", "--rm", "trainer", "promote", "2", "--reason", "the drill", "--by", "stack test")
    wait_until(lambda: drill.serves("2"), 60)
    time.sleep(2)
    kept, champion, versions = drill.kept(), drill.champion("2"), drill.versions()
    assert [len(each["items"]) for each in kept[:2]] == [5, 3]  # type: ignore[arg-type]

    said = drill.run("scripts/backup.sh", folder)
    assert "inference.dump" in said
    # What comes after it is not in it.
    drill.post("/v1/predictions", {"text": "after the backup"})

    drill.compose("down", "--volumes")
    drill.run("scripts/restore.sh", folder)
    drill.up()
    # Version 1 would be registered anew, if the registry were empty.
    assert drill.champion("2") == champion
    assert drill.kept() == kept
    assert drill.versions() == versions

    # And it goes on: people judge what they were told before, go back, and are forgotten.
    drill.post("/v1/feedback", {**verdict, "prediction_id": asked[4]["prediction_id"]})
    drill.compose("run", "--rm", "trainer", "rollback", "--reason", "the drill", "--by", "stack test")
    wait_until(lambda: drill.serves("1"), 60)
    assert "texts 5" in drill.compose("exec", "-T", "inference", "python", "-m", "inference", "erase", "jane")
    refused = subprocess.run(
        ["scripts/restore.sh", folder], cwd=ROOT, env=drill.environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "still running" in refused.stderr

    # Over what is there, only for whoever is sure: then the person is back too, and has to be erased again.
    drill.run("scripts/restore.sh", folder, "--yes")
    drill.up()
    wait_until(lambda: drill.serves("2"), 120)
    assert drill.kept() == kept
