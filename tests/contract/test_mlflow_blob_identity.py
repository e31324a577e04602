"""MLflow's files with an identity and no key: told what infra/azure tells it, with the emulator behind Azure's name.

The stand-in for Azure's own endpoint gives a token to whoever asks as Container Apps want it; what the identity may do
with it is a role of Azure's, which the emulator does not know.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.contract.azure_stand_ins import Identity, Way, identity_endpoint, way_to
from tests.contract.bicep_reader import text
from tests.contract.blob_storage import ACCOUNT, CONTAINER, BlobStorage, started_storage
from tests.contract.mlflow_paths import artifacts_of, create_run
from tests.contract.started_mlflow import StartedMlflow, started_mlflow
from tests.inference.receivers import make_certificate

ADDRESS = f"{ACCOUNT}.blob.core.windows.net"
CLIENT = "c0ffee00-0000-4000-8000-000000000001"
CONTENT = bytes(range(256)) * 20_000


def destination() -> str:
    """The output of environment.bicep, worked out."""
    [written] = re.findall(
        r"^output artifactsDestination string = '(.+)'$", text("container-apps/environment.bicep"), re.M
    )
    parts = {"artifacts.name": CONTAINER, "account.name": ACCOUNT, "environment().suffixes.storage": "core.windows.net"}
    for name, value in parts.items():
        written = written.replace(f"${{{name}}}", value)
    assert "$" not in written
    return str(written)


def told() -> dict[str, str]:
    """The variables of mlflow.bicep that speak of its files."""
    given = {"artifactsDestination": destination(), "identityClientId": CLIENT}
    named = re.findall(
        r"\{ name: '(AZURE_\w+|MLFLOW_ARTIFACTS\w+)', value: (\S+) \}", text("container-apps/mlflow.bicep")
    )
    variables = {name: given.get(value, value.strip("'")) for name, value in named}
    assert variables.keys() == {"MLFLOW_ARTIFACTS_DESTINATION", "AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS"}
    return variables


@dataclass(frozen=True)
class Cloud:
    storage: BlobStorage
    identity: Identity
    way: Way
    mlflow: StartedMlflow


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    certificate = make_certificate(folder, ADDRESS).path
    with (
        started_storage(folder, certificate) as storage,
        identity_endpoint() as identity,
        way_to({f"{ADDRESS}:443": storage.port}) as way,
    ):
        around = {"HTTPS_PROXY": f"http://127.0.0.1:{way.port}", "REQUESTS_CA_BUNDLE": str(certificate)}
        with started_mlflow(folder, {}, **told(), **identity.variables, **around) as server:
            yield Cloud(storage, identity, way, server)


def test_files_are_written_and_read_with_the_identity_alone(cloud: Cloud) -> None:
    run = create_run(cloud.mlflow, "0")
    target = f"{artifacts_of(run)}/plots/plot.bin"
    assert cloud.mlflow.ask("PUT", target, data=CONTENT).ok
    name = f"artifacts/0/{run['run_id']}/artifacts/plots/plot.bin"
    assert cloud.storage.read(name) == CONTENT
    assert cloud.mlflow.ask("GET", target).content == CONTENT
    assert cloud.mlflow.ask("DELETE", target).ok
    assert cloud.storage.sizes() == {}
    # Whose, and for what: once, since a token is kept while it is good.
    asked = {"client_id": CLIENT, "resource": "https://storage.azure.com"}
    assert [{name: each.get(name) for name in asked} for each in cloud.identity.asked] == [asked]
    assert cloud.way.wanted == {f"{ADDRESS}:443"}


def test_the_storage_takes_nobody_without_a_token(cloud: Cloud) -> None:
    answer = requests.get(
        f"https://127.0.0.1:{cloud.storage.port}/{ACCOUNT}/{CONTAINER}?restype=container&comp=list",
        verify=str(cloud.storage.certificate),
        timeout=10,
    )
    assert answer.status_code == 403
