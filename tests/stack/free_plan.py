"""The image as App Service's free plan runs it, with no network and a share as /home; and what is asked of it."""

import hashlib
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.free_plan_service import memory_of
from tests.stack.stack import docker

IMAGE = "air-paradis/inference"
KEY = "ts_0a1b2c3d_of-these-tests"
SCOPES = "predict,feedback,read,admin"
# As infra/azure/app-service sets them.
ENVIRONMENT = {
    "ENVIRONMENT": "production",
    "INFERENCE_WORKERS": "1",
    "INFERENCE_BUNDLE": "/app/models/champion",
    "INFERENCE_MIGRATE_AT_START": "true",
    "INFERENCE_DATABASE_URL": "sqlite:////tmp/inference.db",
    "INFERENCE_SQLITE_COPY": "/home/data/inference.db",
    "INFERENCE_SUBJECT_KEY": "a subject key of these tests",
    "INFERENCE_API_KEYS": f"tests {SCOPES} {hashlib.sha256(KEY.encode()).hexdigest()}",
}
# One request after the other on one connection; only the last answers come back, and what the service's own processes
# spent meanwhile, in seconds of a processor. With `patience`, the first one is asked again until it is answered.
ASK = """
import http.client, json, os, pathlib, sys, time

def spent():
    ticks = 0
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if folder.name == "1" or fields[1] == "1":
            # With those of children that have ended, as who brings the database up to date.
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")

given = json.load(sys.stdin)
headers = {"content-type": "application/json"} | given["headers"]
deadline = time.monotonic() + given["patience"]
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=10)
before, answers = spent(), []
for method, path, body in given["requests"]:
    while True:
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 503 or time.monotonic() > deadline:
                break
        except OSError:
            if time.monotonic() > deadline:
                raise
            connection.close()
        time.sleep(0.02)
    answers.append([answer.status, json.loads(content)])
time.sleep(given["rest"])
statuses = sorted({status for status, _ in answers})
after = spent()
print(json.dumps({"spent": after - before, "in_all": after, "statuses": statuses, "answers": answers[-20:]}))
"""

Request = tuple[str, str, dict[str, Any] | None]


@dataclass(frozen=True)
class Asked:
    # Seconds of a processor, and those since the container is there.
    spent: float
    in_all: float
    statuses: list[int]
    answers: list[Any]


@dataclass(frozen=True)
class FreePlan:
    name: str
    # A volume, in place of the share.
    home: str

    def run(self, *options: str) -> None:
        limits = ["--network", "none", "--memory", "1g", "--cpus", "1", "--no-healthcheck"]
        variables = [word for name, value in ENVIRONMENT.items() for word in ("--env", f"{name}={value}")]
        mount = () if "--volume" in options else ("--volume", f"{self.home}:/home")
        docker("run", "--detach", "--name", self.name, *limits, *variables, *mount, *options, IMAGE)

    def remove(self) -> None:
        subprocess.run(["docker", "rm", "--force", self.name], capture_output=True, check=False)

    def ask(
        self, requests: Sequence[Request], *, key: str | None = KEY, patience: float = 0.0, rest: float = 0.0
    ) -> Asked:
        """From inside: nobody else reaches it."""
        headers = {} if key is None else {"x-api-key": key}
        given = {"requests": requests, "headers": headers, "patience": patience, "rest": rest}
        command = ["docker", "exec", "--interactive", self.name, "python", "-c", ASK]
        ended = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=240)
        assert ended.returncode == 0, f"{ended.stderr}\n{docker('logs', self.name)}"
        return Asked(**json.loads(ended.stdout))

    def predict(self, text: str, patience: float = 0.0) -> str:
        asked = self.ask([("POST", "/v1/predictions", {"text": text})], patience=patience)
        assert asked.statuses == [200], asked.answers
        return str(asked.answers[0][1]["prediction_id"])

    def judge(self, prediction_id: str) -> None:
        body = {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive"}
        assert self.ask([("POST", "/v1/feedback", body)]).statuses == [201]

    def judged(self) -> list[str]:
        [[_, page]] = self.ask([("GET", "/v1/feedback", None)], patience=30).answers
        return [each["prediction_id"] for each in page["items"]]

    def megabytes(self) -> float:
        return memory_of(self.name) / 1e6

    def logs(self) -> str:
        ended = subprocess.run(["docker", "logs", self.name], capture_output=True, text=True, check=True)
        return ended.stdout + ended.stderr


def make_home(volume: str) -> None:
    """Anybody may write to it, as to App Service's."""
    docker("volume", "create", volume)
    options = ["--network", "none", "--user", "0", "--volume", f"{volume}:/home", "--entrypoint", "chmod"]
    docker("run", "--rm", *options, IMAGE, "777", "/home")


def seconds_to_first_prediction(plan: FreePlan) -> float:
    """From `docker run`."""
    started = time.monotonic()
    plan.run()
    plan.predict("My flight was cancelled", patience=60)
    return time.monotonic() - started
