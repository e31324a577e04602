"""Azure's Blob Storage as its emulator, Azurite, has it: on loopback, with an account and a container for a test."""

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from tests.inference.conftest import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
PINS, INSTALLED = "tests/contract/azurite", ".tools/azurite"
# How scripts/npm_tools.sh ends where it could not begin: no node, no network.
NO_NODE, NO_NETWORK = 77, 69
ACCOUNT, KEY = "stofatest", base64.b64encode(b"a key of a test").decode()
CONTAINER = "mlflow"


@dataclass(frozen=True)
class BlobStorage:
    port: int
    certificate: Path | None

    @property
    def connection_string(self) -> str:
        scheme = "https" if self.certificate else "http"
        address = f"{scheme}://127.0.0.1:{self.port}/{ACCOUNT}"
        return f"DefaultEndpointsProtocol={scheme};AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={address};"

    @contextmanager
    def container(self, name: str = CONTAINER) -> Iterator[ContainerClient]:
        trusted = str(self.certificate) if self.certificate else True
        with BlobServiceClient.from_connection_string(self.connection_string, connection_verify=trusted) as service:
            yield service.get_container_client(name)

    def sizes(self) -> dict[str, int]:
        with self.container() as container:
            return {str(blob.name): int(blob.size) for blob in container.list_blobs()}

    def read(self, name: str) -> bytes:
        with self.container() as container:
            return bytes(container.download_blob(name).readall())


def install() -> None:
    """Skips where there is no node."""
    purpose = "which run the emulator of Blob Storage"
    command = [str(ROOT / "scripts" / "npm_tools.sh"), PINS, INSTALLED, purpose]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if said.returncode in (NO_NODE, NO_NETWORK):
        pytest.skip(said.stderr.strip().splitlines()[-1])
    assert said.returncode == 0, said.stderr


@contextmanager
def started_storage(folder: Path, certificate: Path | None = None) -> Iterator[BlobStorage]:
    """With a certificate it takes tokens of identities too: it reads them, and does not ask what they may do."""
    install()
    storage = BlobStorage(free_port(), certificate)
    signed = ["--oauth", "basic", "--cert", str(certificate), "--key", str(certificate)] if certificate else []
    program = ROOT / INSTALLED / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    options = ["--blobPort", str(storage.port), "--location", str(folder), "--silent", "--disableTelemetry", *signed]
    # The client of the lock may speak a newer version than the emulator.
    command = ["node", str(program), *options, "--skipApiVersionCheck"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
    with (folder / "azurite.log").open("w+b") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            said = folder / "azurite.log"
            wait_for(lambda: b"successfully listens" in said.read_bytes() or process.poll() is not None, seconds=60)
            assert process.poll() is None, said.read_text()
            with storage.container() as container:
                container.create_container()
            yield storage
        finally:
            process.terminate()
            process.wait(timeout=30)
