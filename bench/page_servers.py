"""The pages and all that answers behind them, as real processes: Streamlit, the API with the champion, and MLflow."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.peers.catalogue import GUNICORN, PYTHON, SERVICE, with_variables
from bench.peers.peer import Launch
from bench.running import HOST, Running, free_port, started
from bench.texts import CHAMPION, ROOT
from bench.wire import Address

APP = ROOT / "services" / "ui" / "src" / "ui" / "app.py"
MODEL = "bench"
# Streamlit keeps the session of somebody who left for two minutes; nobody wants to wait so long for each round.
KEPT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Serving:
    pages: Running
    api: Running


@contextmanager
def serving(app: Path, *, kept_seconds: int = KEPT_SECONDS, options: tuple[str, ...] = ()) -> Iterator[Serving]:
    """All three, on whatever cores this process may use. PeerFailed where one of them does not start."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (
            started_mlflow(folder) as registry,
            started_api(folder, registry.address.url) as api,
            started_pages(folder, app, api.address.url, kept_seconds=kept_seconds, options=options) as pages,
        ):
            yield Serving(pages, api)


@contextmanager
def started_mlflow(folder: Path) -> Iterator[Running]:
    """With the champion as its only version."""
    address, store = Address(HOST, free_port()), f"sqlite:///{folder}/mlflow.db"
    environment = with_variables(
        MLFLOW_TRACKING_URI=store,
        MLFLOW_DISABLE_TELEMETRY="true",
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
        TRAINER_TRACKING_URI=store,
        TRAINER_ARTIFACTS_DIR=str(folder / "artifacts"),
        TRAINER_MODEL_NAME=MODEL,
    )
    serve = [PYTHON, "-m", "mlflow", "server", "--host", address.host, "--port", str(address.port), "--workers", "1"]
    serve += ["--backend-store-uri", store, "--default-artifact-root", (folder / "artifacts").as_uri()]
    register = [PYTHON, "-m", "trainer", "register", str(CHAMPION), "--champion-if-none"]
    launch = Launch([*serve, "--no-serve-artifacts"], environment, before=register)
    with started(launch, address, "/health", home=folder, log=folder / "mlflow.log", core=None) as server:
        yield server


@contextmanager
def started_api(folder: Path, registry_url: str) -> Iterator[Running]:
    address = Address(HOST, free_port())
    environment = with_variables(
        INFERENCE_BIND=f"{address.host}:{address.port}",
        INFERENCE_DATABASE_URL=f"sqlite:///{folder}/inference.db",
        INFERENCE_MODEL_DIR=str(folder / "models"),
        INFERENCE_SPOOL_DIR=str(folder / "spool"),
        INFERENCE_MLFLOW_URL=registry_url,
        INFERENCE_REGISTERED_MODEL=MODEL,
        INFERENCE_WORKERS="1",
    )
    migrate = [PYTHON, "-m", "alembic", "upgrade", "head"]
    launch = Launch([*GUNICORN, "-c", "gunicorn.conf.py", "inference.app:create_app()"], environment, before=migrate)
    with started(launch, address, "/health/ready", home=SERVICE, log=folder / "api.log", core=None) as server:
        yield server


@contextmanager
def started_pages(
    folder: Path, app: Path, api_url: str, *, kept_seconds: int = KEPT_SECONDS, options: tuple[str, ...] = ()
) -> Iterator[Running]:
    address = Address(HOST, free_port())
    command = [sys.executable, "-m", "bench.page_server", str(app)]
    command += ["--server.address", address.host, "--server.port", str(address.port), "--server.headless", "true"]
    command += ["--server.disconnectedSessionTTL", str(kept_seconds), "--browser.gatherUsageStats", "false", *options]
    launch = Launch(command, variables_of(app, api_url))
    # Where the pages are started on a machine too: their configuration lies in that folder, if anywhere.
    home = next((each for each in app.parents if (each / "pyproject.toml").exists()), app.parent)
    with started(launch, address, "/_stcore/health", home=home, log=folder / "pages.log", core=None) as server:
        yield server


def variables_of(app: Path, api_url: str) -> Mapping[str, str]:
    # The app's own package comes before the one that is installed: a copy of it is measured, if that was asked for.
    packages = os.pathsep.join([str(app.parent.parent), str(ROOT)])
    return with_variables(UI_API_URL=api_url, PYTHONPATH=packages)
