"""What the container's MLflow does not do, what it does not start with, and that it ends when it is told to."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.contract.started_mlflow import SECRETS, StartedMlflow, refusal, started_mlflow

API, AJAX = "/api/2.0/mlflow", "/ajax-api/3.0/mlflow"


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedMlflow]:
    # On all addresses, as in its container.
    with started_mlflow(tmp_path_factory.mktemp("mlflow"), {}, MLFLOW_HOST="0.0.0.0") as server:
        yield server


def test_no_job_is_run(mlflow: StartedMlflow) -> None:
    body = {"job_name": "invoke_scorer", "params": {}}
    answer = mlflow.ask("POST", "/ajax-api/3.0/jobs/", json=body)
    assert answer.status_code == 500
    assert "job execution feature is not enabled" in answer.text
    assert mlflow.ask("POST", "/ajax-api/3.0/jobs/search", json={}).json() == {"jobs": []}
    # MLflow would keep runners for them beside its server.
    commands = [" ".join(each.cmdline()) for each in psutil.Process(mlflow.process.pid).children(recursive=True)]
    assert [each for each in commands if "huey" in each or "job" in each] == []
    assert [each for each in commands if "uvicorn" in each]


def test_nothing_is_unpickled_told_or_asked(mlflow: StartedMlflow) -> None:
    [server] = psutil.Process(mlflow.process.pid).children()
    has = server.environ()
    for name in ("SERVER_ENABLE_JOB_EXECUTION", "ALLOW_PICKLE_DESERIALIZATION", "SERVER_ENABLE_CUSTOM_SCORERS"):
        assert has[f"MLFLOW_{name}"] == "false"
    assert has["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert has["MLFLOW_MODEL_CATALOG_URI"] == ""
    assert mlflow.ask("GET", f"{AJAX}/ui-telemetry").json()["disable_ui_telemetry"] is True


@pytest.mark.parametrize("url", ["https://example.org/x", "https://127.0.0.1/x", "http://169.254.169.254/", "none://x"])
def test_no_webhook_is_kept(mlflow: StartedMlflow, url: str) -> None:
    body = {"name": "w", "url": url, "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}
    assert mlflow.ask("POST", f"{API}/webhooks", json=body).status_code == 400
    assert mlflow.ask("GET", f"{API}/webhooks").json().get("webhooks", []) == []


def test_there_is_no_gateway(mlflow: StartedMlflow) -> None:
    asked = (
        ("POST", "/api/3.0/mlflow/gateway/secrets/create", {"secret_name": "a", "secret_value": {"k": "v"}}),
        ("GET", "/api/3.0/mlflow/gateway/endpoints/list", None),
        ("GET", f"{AJAX}/gateway/provider-config?provider=openai", None),
        ("POST", "/gateway/mlflow/v1/chat/completions", {"model": "x"}),
    )
    for method, target, body in asked:
        assert mlflow.ask(method, target, json=body).status_code == 501, target
    assert mlflow.ask("GET", "/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=x").json() == {"endpoints": []}


def test_the_assistant_runs_for_nobody_in_the_network(mlflow: StartedMlflow) -> None:
    """It would run commands; it does so for the machine it is on, which in a container is nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address beside loopback")
        address = probe.getsockname()[0]
    away = StartedMlflow(f"http://{address}:{mlflow.host.rpartition(':')[2]}", mlflow.folder, mlflow.process)
    for headers in ({"Host": "mlflow:5000"}, {"Host": "mlflow:5000", "X-Forwarded-For": "127.0.0.1"}):
        for method, what in (("POST", "message"), ("PUT", "config"), ("POST", "skills/install")):
            body = {"message": "x", "type": "global"}
            assert away.ask(method, f"{AJAX}/assistant/{what}", json=body, headers=headers).status_code == 403


def test_graphql_only_reads(mlflow: StartedMlflow) -> None:
    asked = "{ __schema { mutationType { fields { name } } } }"
    fields = mlflow.ask("POST", "/graphql", json={"query": asked}).json()["data"]["__schema"]["mutationType"]["fields"]
    assert {each["name"] for each in fields} == {"mlflowSearchDatasets", "mlflowSearchRuns", "testMutation"}
    many = "{" + "".join(f"a{n}: __typename " for n in range(50)) + "}"
    assert mlflow.ask("POST", "/graphql", json={"query": many}).json()["data"] is None


@pytest.mark.parametrize(
    ("secrets", "variables", "said"),
    [
        (
            {"database-mlflow": "local-only"},
            {"ENVIRONMENT": "production"},
            "the secret database-mlflow is the placeholder",
        ),
        (SECRETS | {"mlflow-admin": "local-only"}, {"MLFLOW_SIGN_IN": "true"}, "needs the secret mlflow-admin"),
        (SECRETS | {"mlflow-cookie-key": ""}, {"MLFLOW_SIGN_IN": "true"}, "needs the secret mlflow-cookie-key"),
        ({}, {"MLFLOW_SIGN_IN": "yes"}, "MLFLOW_SIGN_IN is true or false"),
        ({}, {"MLFLOW_BACKEND_STORE_URI": ""}, "MLFLOW_BACKEND_STORE_URI: is not set"),
        ({}, {"MLFLOW_SERVER_ALLOWED_HOSTS": ""}, "MLFLOW_SERVER_ALLOWED_HOSTS: is not set"),
    ],
)
def test_what_is_not_safe_does_not_start(
    tmp_path: Path, secrets: dict[str, str], variables: dict[str, str], said: str
) -> None:
    line = refusal(tmp_path, secrets, **variables)
    assert said in line
    assert "\n" not in line


def test_it_ends_within_seconds(tmp_path: Path) -> None:
    with started_mlflow(tmp_path, {"mlflow-admin": "local-only"}, ENVIRONMENT="production") as server:
        # Also: a placeholder that nobody uses is no reason not to start.
        everything = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
        server.process.terminate()
        assert psutil.wait_procs(everything, timeout=8)[1] == []
