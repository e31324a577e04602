"""MLflow's files in Azure's Blob Storage: the container's own start, on the emulator, with the account's key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inference.registry import Registry
from tests.contract.blob_storage import ACCOUNT, CONTAINER, BlobStorage, started_storage
from tests.contract.mlflow_paths import ODD, UP, artifacts_of, create_run, ways
from tests.contract.started_mlflow import StartedMlflow, started_mlflow
from trainer.__main__ import app
from trainer.bundle import load_bundle

CHAMPION = Path(__file__).resolve().parents[2] / "models" / "champion"
MODEL = "tweet-sentiment"
SECRET = b"nobody's business"
NOT_ITS = ("secret", "artifacts-of-others/secret")
# More than one block of the client's, and no text.
CONTENT = bytes(range(256)) * 20_000


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobStorage]:
    with started_storage(tmp_path_factory.mktemp("azurite")) as started:
        yield started


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory, storage: BlobStorage) -> Iterator[StartedMlflow]:
    variables = {
        "MLFLOW_ARTIFACTS_DESTINATION": f"wasbs://{CONTAINER}@{ACCOUNT}.blob.core.windows.net/artifacts",
        "AZURE_STORAGE_CONNECTION_STRING": storage.connection_string,
    }
    with started_mlflow(tmp_path_factory.mktemp("mlflow"), {}, **variables) as server:
        yield server


@pytest.fixture(scope="module")
def run(mlflow: StartedMlflow, storage: BlobStorage) -> dict[str, str]:
    """A run with a file, which is version 1 of a model, too; beside MLflow's folder lies what is not MLflow's."""
    with storage.container() as container:
        for name in NOT_ITS:
            container.upload_blob(name, SECRET)
    info = create_run(mlflow, "0")
    assert mlflow.ask("PUT", f"{artifacts_of(info)}/f.txt", data=b"fine").ok
    for what, body in (
        ("registered-models", {"name": "m"}),
        ("model-versions", {"name": "m", "source": info["artifact_uri"], "run_id": info["run_id"]}),
    ):
        assert mlflow.ask("POST", f"/api/2.0/mlflow/{what}/create", json=body).ok
    return info


def folder_of(run: dict[str, str]) -> str:
    return f"artifacts/{run['experiment_id']}/{run['run_id']}/artifacts"


def test_what_mlflows_client_logs_is_a_blob(mlflow: StartedMlflow, storage: BlobStorage, tmp_path: Path) -> None:
    from mlflow import MlflowClient
    from mlflow.artifacts import download_artifacts

    info = create_run(mlflow, "0")
    assert info["artifact_uri"].startswith("mlflow-artifacts:/0/")
    (tmp_path / "plot.bin").write_bytes(CONTENT)
    MlflowClient(mlflow.url, mlflow.url).log_artifact(info["run_id"], str(tmp_path / "plot.bin"), "plots")
    assert storage.read(f"{folder_of(info)}/plots/plot.bin") == CONTENT
    read = download_artifacts(
        run_id=info["run_id"], artifact_path="plots/plot.bin", dst_path=str(tmp_path / "read"), tracking_uri=mlflow.url
    )
    assert Path(read).read_bytes() == CONTENT
    listed = mlflow.ask("GET", f"/api/2.0/mlflow/artifacts/list?run_id={info['run_id']}&path=plots").json()
    assert listed["files"] == [{"path": "plots/plot.bin", "is_dir": False, "file_size": len(CONTENT)}]
    assert not (mlflow.folder / "artifacts").exists()


def test_the_champion_is_registered_and_read_as_the_api_reads_it(
    mlflow: StartedMlflow, storage: BlobStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    # As the job `drift` of infra/azure/container-apps does it.
    said = CliRunner().invoke(app, ["register", str(CHAMPION), "--champion-if-none"])
    assert said.exit_code == 0, said.output
    assert "is the champion" in said.output
    blobs = {Path(name).name: name for name in storage.sizes()}
    with Registry(mlflow.url, MODEL) as registry:
        found = registry.fetch_champion()
        assert found is not None and found.digest == load_bundle(CHAMPION).digest
        for name in ("model.json", "model.onnx", "tokenizer.json"):
            registry.fetch_file(found, name, tmp_path)
            assert (tmp_path / name).read_bytes() == storage.read(blobs[name]) == (CHAMPION / name).read_bytes()


def test_what_is_deleted_is_gone_and_its_neighbour_is_not(mlflow: StartedMlflow, storage: BlobStorage) -> None:
    info = create_run(mlflow, "0")
    for name in ("a/f.txt", "ab/f.txt"):
        assert mlflow.ask("PUT", f"{artifacts_of(info)}/{name}", data=b"x").ok
    assert mlflow.ask("DELETE", f"{artifacts_of(info)}/a").ok
    assert [name for name in storage.sizes() if name.startswith(folder_of(info))] == [f"{folder_of(info)}/ab/f.txt"]


def test_who_has_the_accounts_key_hands_out_addresses_past_itself(mlflow: StartedMlflow, storage: BlobStorage) -> None:
    """A fact to know, and why on Azure there is an identity with a role of the container: that one may sign none."""
    body = {"path": "large.bin", "num_parts": 1}
    answer = mlflow.ask("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/large", json=body).json()
    [address] = [each["url"] for each in answer["credentials"]]
    assert address.startswith(f"http://127.0.0.1:{storage.port}/{ACCOUNT}/{CONTAINER}/artifacts/0/large/large.bin?")
    assert "&sig=" in address


@pytest.mark.parametrize("path", UP)
def test_no_path_leads_out(mlflow: StartedMlflow, run: dict[str, str], path: str) -> None:
    for method, target in ways(run, path):
        answer = mlflow.ask(method, target, data=b"written" if method in ("PUT", "POST") else None)
        assert answer.status_code in (308, 400), (method, target, answer.text)


@pytest.mark.parametrize("path", ODD)
def test_an_odd_name_stays_inside(mlflow: StartedMlflow, storage: BlobStorage, run: dict[str, str], path: str) -> None:
    for method, target in ways(run, path):
        answer = mlflow.ask(method, target, data=b"written" if method in ("PUT", "POST") else None)
        assert "business" not in answer.text
    sizes = storage.sizes()
    assert {name for name in sizes if not name.startswith("artifacts/")} == set(NOT_ITS)
    assert {storage.read(name) for name in NOT_ITS} == {SECRET}
