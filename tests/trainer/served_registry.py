"""A real MLflow server and the real API beside it: what `make run` starts, for commands that speak with both."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from pydantic import SecretStr
from sqlalchemy import create_engine

from inference.app import create_app
from inference.loop_tables import metadata
from inference.settings import Settings as ApiSettings
from tests.inference.running import serving


@contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """Its address; runs, models and files in `folder`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    url = f"http://127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *stores, "--serve-artifacts"],
            env=os.environ | quiet,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 180
        while not answers(url):
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{url}/health", timeout=1).ok
    return False


@contextmanager
def api(folder: Path, registry: str, model: str, bundle: Path, owner_key: str = "") -> Iterator[str]:
    """Its address; it follows the champion of `model`, and has a database of its own in `folder`."""
    folder.mkdir(exist_ok=True)
    settings = ApiSettings(
        database_url=SecretStr(f"sqlite:///{folder / 'inference.db'}"),
        model_dir=folder / "models",
        spool_dir=folder / "spool",
        bundle=bundle,
        mlflow_url=registry,
        registered_model=model,
        poll_seconds=0.2,
        owner_key=SecretStr(owner_key),
    )
    engine = create_engine(settings.database_url.get_secret_value())
    metadata.create_all(engine)
    engine.dispose()
    with serving(create_app(settings)) as url:
        yield url
