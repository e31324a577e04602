"""A real registry on loopback: Debian's package docker-registry, its files in a test's own folder."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

CONFIGURATION = """
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}/blobs}}}}
http: {{addr: {host}}}
{more}
"""
# `nobody`, whose word is not known to anybody: it is only there to be asked for.
ACCOUNTS = "nobody:$2y$05$" + "a" * 53 + "\n"


def skip_without_parts() -> None:
    if not shutil.which("docker-registry"):
        pytest.skip("no registry here: apt-get install -y docker-registry")
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine here")


@contextmanager
def registry(folder: Path, *, asks_who: bool = False) -> Iterator[str]:
    """Its host and port; the engine speaks plain http to loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    accounts = folder / "accounts"
    accounts.write_text(ACCOUNTS, encoding="utf-8")
    more = f"auth: {{htpasswd: {{realm: here, path: {accounts}}}}}" if asks_who else ""
    configuration = folder / "registry.yml"
    configuration.write_text(CONFIGURATION.format(folder=folder, host=host, more=more), encoding="utf-8")
    log = folder / "registry.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["docker-registry", "serve", str(configuration)], stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            wait_for_answer(f"http://{host}/v2/", process, log)
            yield host
        finally:
            process.kill()


def wait_for_answer(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=1).status_code in (200, 401):
                return
        assert process.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.05)


def digest_there(host: str, repository: str, tag: str) -> str:
    """What the registry itself says."""
    kinds = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
    answer = requests.head(f"http://{host}/v2/{repository}/manifests/{tag}", headers={"Accept": kinds}, timeout=5)
    answer.raise_for_status()
    return answer.headers["Docker-Content-Digest"]
