"""The image alone, as App Service's free plan runs it: with no network, and with nothing beside it.

make stack PYTEST_ARGS="tests/stack/test_free_plan.py -s"
"""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.texts import new_tweets
from tests.stack.free_plan import IMAGE, KEY, FreePlan, make_home, seconds_to_first_prediction
from tests.stack.stack import ROOT, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

NAME = "air-paradis-free-plan"
PREDICTIONS = 5000
IDLE_SECONDS = 20.0
MEGABYTES, MILLISECONDS = 200, 1.0
# How long it takes is printed, and is some 2 s; this is an image that does not start at all.
LONGEST_START_SECONDS = 15


def build(release: str) -> str:
    """The image's id; from the same layers as compose's."""
    options = ["--quiet", "--file", "services/inference/Dockerfile", "--build-arg", f"RELEASE={release}"]
    command = ["docker", "build", *options, "--tag", IMAGE, "."]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=580).stdout.strip()


@pytest.fixture(scope="module")
def release() -> str:
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()


@pytest.fixture(scope="module")
def image(release: str) -> str:
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine here")
    return build(release)


@pytest.fixture
def plan(image: str) -> Iterator[FreePlan]:
    plan = FreePlan(NAME, f"{NAME}-home")
    plan.remove()
    make_home(plan.home)
    yield plan
    plan.remove()
    docker("volume", "rm", plan.home)


def test_it_starts_alone_fits_the_plan_and_costs_little(plan: FreePlan) -> None:
    seconds = seconds_to_first_prediction(plan)
    began_with = plan.ask([]).in_all
    idle_before = plan.megabytes()
    asked = plan.ask([("POST", "/v1/predictions", {"text": text}) for text in new_tweets()[:PREDICTIONS]], rest=2.0)
    megabytes, milliseconds = plan.megabytes(), 1000 * asked.spent / PREDICTIONS
    idle = plan.ask([], rest=IDLE_SECONDS).spent / IDLE_SECONDS
    figures = {
        "MB on disk, above the base image": float(run_in_image("du", "-sm", "/app").split()[0]),
        "MB in memory, after the first prediction": idle_before,
        f"MB in memory, after {PREDICTIONS:,} predictions": megabytes,
        "s from docker run to the first prediction": seconds,
        "s of a processor until then": began_with,
        "ms of a processor a prediction": milliseconds,
        "minutes of a processor an hour, asked nothing": 60 * idle,
    }
    sys.stdout.write("\n" + "".join(f"  {name:<48}{figure:8.2f}\n" for name, figure in figures.items()))
    assert asked.statuses == [200]
    assert seconds < LONGEST_START_SECONDS
    assert megabytes <= MEGABYTES
    assert milliseconds < MILLISECONDS


def run_in_image(*command: str) -> str:
    return docker("run", "--rm", "--network", "none", "--entrypoint", command[0], IMAGE, *command[1:])


def test_it_is_closed_has_no_network_and_nobody_in_it_is_root(plan: FreePlan) -> None:
    plan.run()
    plan.predict("late", patience=60)
    request = ("POST", "/v1/predictions", {"text": "late"})
    assert plan.ask([request], key=None).statuses == [401]
    assert plan.ask([request], key=KEY[:-1]).statuses == [401]
    assert "access_open" not in plan.logs()
    interfaces = docker("exec", NAME, "python", "-c", "import socket; print(socket.if_nameindex())")
    assert interfaces == "[(1, 'lo')]"
    uids = docker("top", NAME, "-eo", "uid,pid").splitlines()[1:]
    assert len(uids) >= 2 and {line.split()[0] for line in uids} == {"10001"}


def test_it_says_which_commit_it_is_made_of(plan: FreePlan, release: str) -> None:
    plan.run()
    health = [("GET", "/health/live", None), ("GET", "/health/ready", None)]
    answers = [answer for _, answer in plan.ask(health, key=None, patience=60).answers]
    assert answers == [{"status": "live", "release": release}, {"status": "ready", "release": release}]


@pytest.mark.usefixtures("image")
def test_another_commit_makes_no_layer_anew(release: str) -> None:
    try:
        one, other = build("one"), build("other")
        assert one != other and layers(one) == layers(other)
    finally:
        build(release)


def layers(image: str) -> list[str]:
    described = json.loads(docker("image", "inspect", image))
    return list(described[0]["RootFS"]["Layers"])


def test_a_verdict_outlives_the_container(plan: FreePlan) -> None:
    plan.run()
    first = plan.predict("late", patience=60)
    plan.judge(first)
    docker("stop", "--time", "30", NAME)
    docker("start", NAME)
    assert plan.judged() == [first]
    second = plan.predict("late again")
    plan.judge(second)
    docker("stop", "--time", "30", NAME)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", NAME) == "0"
    # Its disk with it, as when the plan puts the site to sleep.
    plan.remove()
    plan.run()
    assert plan.judged() == [first, second]
    assert "sqlite_restored path=/home/data/inference.db " in plan.logs()


def test_a_share_that_cannot_be_written_stops_nobody(plan: FreePlan) -> None:
    plan.run()
    first = plan.predict("late", patience=60)
    plan.judge(first)
    docker("stop", "--time", "30", NAME)
    plan.remove()
    plan.run("--volume", f"{plan.home}:/home:ro")
    assert plan.judged() == [first]
    plan.judge(plan.predict("late again"))
    docker("stop", "--time", "30", NAME)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", NAME) == "0"
    assert "sqlite_copy_failed path=/home/data/inference.db " in plan.logs()
