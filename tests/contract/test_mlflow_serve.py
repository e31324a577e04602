"""`mlflow models serve` on the registered champion, and the API, answer the same probabilities."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests

from trainer.bundle import golden_texts, load_bundle
from trainer.promotion import crown_first
from trainer.registry import connect, register
from trainer.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CHAMPION = ROOT / "models" / "champion"
SERVICE = ROOT / "services" / "inference"
PYTHON = sys.executable


@contextmanager
def running(command: list[str], environment: dict[str, str], folder: Path, name: str) -> Iterator[None]:
    """A server of its own process group, started in `folder`; it is stopped with all that it started."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=2).ok:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer: {log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A registry of its own whose champion is the committed bundle."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setenv("TRAINER_ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    settings = Settings()
    client = connect(settings)
    crown_first(register(load_bundle(CHAMPION), client, settings).version, client, settings)
    return settings


def test_both_answer_the_same_probabilities(registered: Settings, tmp_path: Path) -> None:
    model, api = (f"127.0.0.1:{free_port()}" for _ in range(2))
    host, port = model.split(":")
    serve = [PYTHON, "-m", "mlflow", "models", "serve", "-m", f"models:/{registered.model_name}@champion"]
    serve += ["--host", host, "--port", port, "--env-manager", "local", "--workers", "1"]
    # `mlflow models serve` looks for its server on the path.
    environment = os.environ | {"PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"}
    inference = environment | {
        "INFERENCE_BIND": api,
        "INFERENCE_BUNDLE": str(CHAMPION),
        "INFERENCE_DATABASE_URL": f"sqlite:///{tmp_path}/inference.db",
        "INFERENCE_MODEL_DIR": str(tmp_path / "models"),
        "INFERENCE_SPOOL_DIR": str(tmp_path / "spool"),
        "INFERENCE_MLFLOW_URL": "",
    }
    gunicorn = [PYTHON, "-m", "gunicorn", "-c", str(SERVICE / "gunicorn.conf.py"), "inference.app:create_app()"]
    texts = golden_texts()[:20]
    with ExitStack() as stack:
        stack.enter_context(running(serve, environment, tmp_path, "model"))
        migrate = [PYTHON, "-m", "alembic", "upgrade", "head"]
        subprocess.run(migrate, cwd=SERVICE, env=inference, check=True, capture_output=True)
        stack.enter_context(running(gunicorn, inference, tmp_path, "api"))
        wait_until_ready(f"http://{api}/health/ready", tmp_path / "api.log")
        wait_until_ready(f"http://{model}/ping", tmp_path / "model.log")
        answer = requests.post(f"http://{api}/v1/predictions/batch", json={"texts": texts}, timeout=30)
        table = requests.post(f"http://{model}/invocations", json={"inputs": texts}, timeout=30)
    predictions, rows = answer.json()["predictions"], table.json()["predictions"]
    assert len(predictions) == len(rows) == 20
    for prediction, row in zip(predictions, rows, strict=True):
        assert (prediction["label"], prediction["abstained"]) == (row["label"], row["abstained"])
        for label, probability in prediction["probabilities"].items():
            assert row[f"p_{label}"] == pytest.approx(probability, abs=1e-6)
