"""MLflow as its container has it: `infra/mlflow/start.sh`, on loopback, on a folder or a Postgres of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.inference.conftest import answers, free_port, wait_for

SERVICE = Path(__file__).resolve().parents[2] / "infra" / "mlflow"
Account = tuple[str, str]
PASSWORDS = {name: f"the password of {name}" for name in ("admin", "trainer", "inference")}
SECRETS = {f"mlflow-{name}": password for name, password in PASSWORDS.items()} | {"mlflow-cookie-key": "k" * 32}


@dataclass(frozen=True)
class StartedMlflow:
    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def ask(self, method: str, target: str, account: str | None = None, **request: object) -> requests.Response:
        """As it is written: nothing of the target is tidied up on the way."""
        prepared = requests.Request(method, self.url, **request).prepare()  # type: ignore[arg-type]
        prepared.url = self.url + target
        if account is not None:
            prepared.prepare_auth((account, PASSWORDS[account]))
        with requests.Session() as session:
            return session.send(prepared, timeout=60, allow_redirects=False)


def environment(folder: Path, secrets: Mapping[str, str], **variables: str) -> dict[str, str]:
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    for name, content in secrets.items():
        # As an editor leaves it.
        (folder / "secrets" / name).write_text(f"{content}\n", encoding="utf-8")
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "MLFLOW_HOST": "127.0.0.1",
        "MLFLOW_SECRETS_DIR": str(folder / "secrets"),
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLFLOW_ARTIFACTS_DESTINATION": str(folder / "artifacts"),
        "MLFLOW_SERVER_ALLOWED_HOSTS": "mlflow:5000",
    } | variables


@contextmanager
def started_mlflow(folder: Path, secrets: Mapping[str, str], **variables: str) -> Iterator[StartedMlflow]:
    port = free_port()
    names = {
        "MLFLOW_PORT": str(port),
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"mlflow:5000,127.0.0.1:{port}",
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", str(SERVICE / "start.sh")],
            env=environment(folder, secrets, **names | variables),
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/health") or process.poll() is not None, seconds=90)
            assert process.poll() is None, (folder / "log").read_text()
            yield StartedMlflow(f"http://127.0.0.1:{port}", folder, process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def refusal(folder: Path, secrets: Mapping[str, str], **variables: str) -> str:
    """What is said by one that does not start."""
    ended = subprocess.run(
        ["sh", str(SERVICE / "start.sh")],
        env=environment(folder, secrets, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert ended.stdout == ""
    return ended.stderr.strip()


def set_accounts(server: StartedMlflow, **variables: str) -> subprocess.CompletedProcess[str]:
    given = {"MLFLOW_SIGN_IN": "true", "MLFLOW_TRACKING_URI": server.url} | variables
    return subprocess.run(
        [sys.executable, str(SERVICE / "accounts.py")],
        env=environment(server.folder, {}, **given),
        capture_output=True,
        text=True,
        timeout=120,
    )
