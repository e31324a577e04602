"""`ENVIRONMENT=production`: with placeholders nothing starts; with secrets of one's own nobody comes in without a key.

    make stack PYTEST_ARGS=tests/stack/test_production.py

In containers of its own, beside those of the other tests.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.stack.another_version import copy_champion
from tests.stack.stack import ROOT, free_port, variables, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

PROJECT = "air-paradis-production"
PORTS = ("UI_PORT", "INFERENCE_PORT", "MLFLOW_PORT")
TWEET = {"text": "My flight was cancelled and nobody answers the phone"}
MODEL = {"name": "tweet-sentiment", "alias": "champion"}


def compose(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["docker", "compose", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine with Compose v2 here")
    ports = {name: str(free_port()) for name in PORTS}
    return variables(COMPOSE_PROJECT_NAME=PROJECT, ENVIRONMENT="production", **ports)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("production") / "secrets"
    subprocess.run([sys.executable, "scripts/make_secrets.py", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def production(environment: dict[str, str], secrets: Path) -> Iterator[dict[str, str]]:
    running = environment | {"SECRETS_DIR": str(secrets), "MLFLOW_SIGN_IN": "true"}
    compose(running, "down", "--volumes", "--remove-orphans")
    try:
        started = compose(running, "up", "--build", "--detach")
        assert started.returncode == 0, started.stderr
        wait_until(lambda: ask(running, "INFERENCE_PORT", "/health/ready").ok, 180)
        yield running
    finally:
        (ROOT / "var").mkdir(exist_ok=True)
        logs = compose(running, "logs", "--no-color", "--tail", "200").stdout
        (ROOT / "var" / "production.log").write_text(logs, encoding="utf-8")
        compose(running, "down", "--volumes", "--remove-orphans")


def ask(running: dict[str, str], port: str, path: str, **options: object) -> requests.Response:
    method = "POST" if "json" in options else "GET"
    return requests.request(method, f"http://127.0.0.1:{running[port]}{path}", timeout=30, **options)  # type: ignore[arg-type]


def bearer(secrets: Path, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {(secrets / name).read_text(encoding='ascii').strip()}"}


@pytest.mark.parametrize(
    ("service", "command", "named"),
    [
        ("migrate", (), "INFERENCE_DATABASE_PASSWORD: is the placeholder"),
        ("inference", (), "is the placeholder"),
        ("mlflow", (), "the secret database-mlflow is the placeholder"),
        ("trainer", (), "is the placeholder"),
    ],
)
def test_with_a_placeholder_it_ends_and_names_it(
    environment: dict[str, str], service: str, command: tuple[str, ...], named: str
) -> None:
    ended = compose(environment, "run", "--rm", "--no-deps", service, *command)
    assert ended.returncode != 0
    assert named in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    compose(environment, "down", "--volumes")


def test_the_database_is_not_made_with_a_placeholder(environment: dict[str, str]) -> None:
    try:
        ended = compose(environment, "up", "--wait", "--no-deps", "db")
        said = compose(environment, "logs", "db").stdout
    finally:
        compose(environment, "down", "--volumes")
    assert ended.returncode != 0
    assert "the secret database-owner is the placeholder" in said
    # A data folder that was begun would not be begun again once the secrets are there.
    assert "10-roles.sh" not in said


def test_without_a_key_only_health_is_answered(production: dict[str, str]) -> None:
    assert ask(production, "INFERENCE_PORT", "/v1/predictions", json=TWEET).status_code == 401
    assert ask(production, "INFERENCE_PORT", "/v1/models").status_code == 401
    for path in ("/docs", "/openapi.json"):
        assert ask(production, "INFERENCE_PORT", path).status_code == 404
    assert ask(production, "INFERENCE_PORT", "/health/ready").status_code == 200


def test_a_key_opens_what_its_scopes_say(production: dict[str, str], secrets: Path) -> None:
    pages, trainer = bearer(secrets, "ui-api-key"), bearer(secrets, "trainer-api-key")
    answered = ask(production, "INFERENCE_PORT", "/v1/predictions", json=TWEET, headers=pages)
    assert answered.json()["label"] == "negative"
    assert ask(production, "INFERENCE_PORT", "/v1/predictions", json=TWEET, headers=trainer).status_code == 403
    assert ask(production, "INFERENCE_PORT", "/v1/journal", headers=trainer).status_code == 200


def test_a_second_key_beside_the_first_counts_within_seconds(production: dict[str, str], secrets: Path) -> None:
    """Written in place: a container sees the file that was there when it started."""
    key = "ts_00000000_" + "k" * 43
    keys = secrets / "api-keys"
    keys.chmod(0o644)
    with keys.open("a", encoding="ascii") as file:
        file.write(f"ui predict {hashlib.sha256(key.encode()).hexdigest()}\n")
    for header in ({"Authorization": f"Bearer {key}"}, bearer(secrets, "ui-api-key")):
        # Two workers look each for itself.
        wait_until(lambda header=header: predicts_twenty_times(production, header), 20)  # type: ignore[misc]


def predicts_twenty_times(production: dict[str, str], headers: dict[str, str]) -> bool:
    answers = [ask(production, "INFERENCE_PORT", "/v1/predictions", json=TWEET, headers=headers) for _ in range(20)]
    return all(answer.ok for answer in answers)


def test_mlflow_wants_a_password_and_the_service_has_one(production: dict[str, str], secrets: Path) -> None:
    path = "/api/2.0/mlflow/registered-models/alias"
    assert ask(production, "MLFLOW_PORT", path, params=MODEL).status_code == 401
    assert ask(production, "MLFLOW_PORT", path, params=MODEL, auth=("admin", "local-only")).status_code == 401
    password = (secrets / "mlflow-inference").read_text(encoding="ascii").strip()
    found = ask(production, "MLFLOW_PORT", path, params=MODEL, auth=("inference", password))
    # Registered by the trainer's account, followed by the service's: the champion that answers.
    assert str(found.json()["model_version"]["version"]) == "1"
    model = ask(production, "INFERENCE_PORT", "/v1/model", headers=bearer(secrets, "ui-api-key"))
    assert model.json()["version"] == "1"


def test_a_promotion_goes_through_both_accounts(production: dict[str, str], secrets: Path) -> None:
    copy = copy_champion("var/copy", "trainer train again")
    made = compose(production, "run", "--rm", "--entrypoint", "python", "trainer", "-c", copy)
    assert made.returncode == 0, made.stderr
    registered = compose(production, "run", "--rm", "trainer", "register", "var/copy")
    assert "version 2 passed the gate" in registered.stdout, registered.stdout + registered.stderr
    moved = compose(
        production, "run", "--rm", "trainer", "promote", "2", "--reason", "the test says so", "--by", "test"
    )
    assert moved.returncode == 0, moved.stdout + moved.stderr
    pages = bearer(secrets, "ui-api-key")
    wait_until(lambda: ask(production, "INFERENCE_PORT", "/v1/model", headers=pages).json()["version"] == "2", 60)


def test_nobody_of_the_running_ones_says_a_secret(production: dict[str, str], secrets: Path) -> None:
    described = subprocess.check_output(
        ["docker", "inspect", *compose(production, "ps", "--all", "--quiet").stdout.split()], text=True
    )
    logs = compose(production, "logs", "--no-color").stdout
    for file in secrets.iterdir():
        for word in file.read_text(encoding="utf-8").split():
            if len(word) > 20:
                assert word not in described, file.name
                assert word not in logs, file.name
