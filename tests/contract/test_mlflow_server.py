"""MLflow's traps of names and places, against the server that its container starts, as its network has it."""

from collections.abc import Iterator

import pytest

from tests.contract.mlflow_paths import API, ODD, UP, artifacts_of, create_run, ways
from tests.contract.started_mlflow import StartedMlflow, started_mlflow


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedMlflow]:
    folder = tmp_path_factory.mktemp("mlflow")
    (folder / "secret").write_text("nobody's business")
    with started_mlflow(folder, {}) as server:
        yield server


@pytest.fixture(scope="module")
def run(mlflow: StartedMlflow) -> dict[str, str]:
    """A run with a file, which is version 1 of a model, too."""
    info: dict[str, str] = create_run(mlflow, "0")
    assert mlflow.ask("PUT", f"{artifacts_of(info)}/f.txt", data=b"fine").ok
    assert mlflow.ask("POST", f"{API}/registered-models/create", json={"name": "m"}).ok
    assert create_version(mlflow, info, info["artifact_uri"]) == 200
    return info


def create_version(mlflow: StartedMlflow, run: dict[str, str], source: str) -> int:
    body = {"name": "m", "source": source, "run_id": run["run_id"]}
    return mlflow.ask("POST", f"{API}/model-versions/create", json=body).status_code


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "mlflow", "mlflow:5000.evil.example", "10.0.0.1"]
)
def test_another_name_is_refused(mlflow: StartedMlflow, host: str) -> None:
    for target in ("/", f"{API}/experiments/get?experiment_id=0", "/get-artifact?run_id=1&path=a", "/graphql"):
        assert mlflow.ask("GET", target, headers={"Host": host}).status_code == 403
    # These two say that it lives, and its version.
    assert mlflow.ask("GET", "/health", headers={"Host": host}).text == "OK"
    assert mlflow.ask("GET", "/version", headers={"Host": host}).ok


def test_its_own_names_are_answered(mlflow: StartedMlflow) -> None:
    for host in ("mlflow:5000", mlflow.host):
        assert mlflow.ask("GET", f"{API}/experiments/get?experiment_id=0", headers={"Host": host}).ok


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://localhost.evil.example", "null", "http://mlflow:5000"]
)
def test_a_page_of_somebody_else_writes_nothing_and_reads_nothing(mlflow: StartedMlflow, origin: str) -> None:
    headers = {"Origin": origin}
    for prefix in (API, "/ajax-api/2.0/mlflow"):
        written = mlflow.ask("POST", f"{prefix}/experiments/create", json={"name": "x"}, headers=headers)
        assert (written.status_code, written.text) == (403, "Cross-origin request blocked")
    read = mlflow.ask("GET", f"{API}/experiments/get?experiment_id=0", headers=headers)
    assert "access-control-allow-origin" not in read.headers


def test_any_page_of_this_machine_is_taken_for_its_own_which_the_edge_mends(mlflow: StartedMlflow) -> None:
    """A fact to know: test_mlflow_server_edge.py has the cure. Should MLflow mend it, that may go."""
    read = mlflow.ask("GET", f"{API}/experiments/get?experiment_id=0", headers={"Origin": "http://localhost:9999"})
    assert read.headers["access-control-allow-origin"] == "http://localhost:9999"


@pytest.mark.parametrize(
    "location",
    ["file:///etc", "/etc", "../x", "s3://x/y", "dbfs:/x", "http://169.254.169.254/", "ftp://x", "mlflow-artifacts:/1"],
)
def test_no_experiment_chooses_where_its_files_lie(mlflow: StartedMlflow, location: str) -> None:
    body = {"name": f"at {location}", "artifact_location": location}
    assert mlflow.ask("POST", f"{API}/experiments/create", json=body).status_code == 400
    found = mlflow.ask("GET", f"{API}/experiments/get-by-name?experiment_name=at {location}".replace(" ", "%20"))
    assert found.status_code == 404


def test_an_experiment_that_leaves_it_to_the_server_has_its_files_there(mlflow: StartedMlflow) -> None:
    made = mlflow.ask("POST", f"{API}/experiments/create", json={"name": "ordinary"}).json()["experiment_id"]
    assert create_run(mlflow, made)["artifact_uri"].startswith(f"mlflow-artifacts:/{made}/")


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc",
        "/etc",
        "s3://a/b",
        "http://evil.example/x",
        "mlflow-artifacts:/",
        "mlflow-artifacts://evil.example/1",
        "models:/m/1",
        "{uri}/../../..",
        "{uri}/%2e%2e/%2e%2e",
    ],
)
def test_a_version_comes_from_its_run_alone(mlflow: StartedMlflow, run: dict[str, str], source: str) -> None:
    assert create_version(mlflow, run, source.format(uri=run["artifact_uri"])) == 400


def test_a_file_is_read_the_ordinary_way(mlflow: StartedMlflow, run: dict[str, str]) -> None:
    for _, target in ways(run, "f.txt")[:2]:
        assert mlflow.ask("GET", target).content == b"fine"


@pytest.mark.parametrize("path", UP)
def test_no_path_leads_out(mlflow: StartedMlflow, run: dict[str, str], path: str) -> None:
    for method, target in ways(run, path):
        answer = mlflow.ask(method, target, data=b"written" if method in ("PUT", "POST") else None)
        assert answer.status_code in (308, 400, 501), (method, target, answer.text)


@pytest.mark.parametrize("path", ODD)
def test_an_odd_name_stays_inside(mlflow: StartedMlflow, run: dict[str, str], path: str) -> None:
    for method, target in ways(run, path):
        answer = mlflow.ask(method, target, data=b"written" if method in ("PUT", "POST") else None)
        assert "business" not in answer.text
        assert "root:" not in answer.text
    everywhere = [
        each for each in mlflow.folder.rglob("*") if each.is_file() and each.stat().st_size == len(b"written")
    ]
    written = [each for each in everywhere if each.read_bytes() == b"written"]
    assert all(each.is_relative_to(mlflow.folder / "artifacts") for each in written)
    assert (mlflow.folder / "secret").read_text() == "nobody's business"
