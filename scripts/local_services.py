"""What `make run` runs: the three services, their ports and variables, all on this machine and all in one folder."""

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
BIN = Path(sys.executable).parent
HOST = "127.0.0.1"


class CannotRun(Exception):
    """What is in the way, and what to do about it."""


@dataclass(frozen=True)
class Service:
    name: str
    variable: str
    port: int
    command: list[str]
    ready: str
    folder: Path = ROOT

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        return VAR / "logs" / f"{self.name}.log"


def port_of(name: str, default: int, given: Mapping[str, str]) -> int:
    value = given.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise CannotRun(f"{name}={value} is no port: give a number from 1 to 65535")
    return int(value)


def services(given: Mapping[str, str]) -> list[Service]:
    mlflow, api, page = (
        port_of(name, default, given)
        for name, default in (("MLFLOW_PORT", 5000), ("INFERENCE_PORT", 8000), ("UI_PORT", 8501))
    )
    if len({mlflow, api, page}) < 3:
        raise CannotRun(f"each service needs a port of its own, not {mlflow}, {api} and {page}")
    store = [
        *("--backend-store-uri", f"sqlite:///{VAR}/mlflow/mlflow.db"),
        *("--default-artifact-root", (VAR / "mlflow" / "artifacts").as_uri(), "--no-serve-artifacts"),
    ]
    return [
        Service(
            "mlflow",
            "MLFLOW_PORT",
            mlflow,
            [f"{BIN}/mlflow", "server", "--host", HOST, "--port", str(mlflow), "--workers", "1", *store],
            "/health",
        ),
        Service(
            "inference",
            "INFERENCE_PORT",
            api,
            [f"{BIN}/gunicorn", "-c", "gunicorn.conf.py", "inference.app:create_app()"],
            "/health/ready",
            ROOT / "services" / "inference",
        ),
        Service(
            "ui",
            "UI_PORT",
            page,
            [f"{BIN}/streamlit", "run", "src/ui/app.py", "--server.address", HOST, "--server.port", str(page)],
            "/_stcore/health",
            ROOT / "services" / "ui",
        ),
    ]


def environment_of(running: list[Service], given: Mapping[str, str]) -> dict[str, str]:
    """The variables of all three services. Those that tie them together are this run's own, whatever the shell has."""
    mlflow, api, page = running
    wiring = {
        "TRAINER_TRACKING_URI": f"sqlite:///{VAR}/mlflow/mlflow.db",
        "MLFLOW_TRACKING_URI": f"sqlite:///{VAR}/mlflow/mlflow.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "TRAINER_ARTIFACTS_DIR": str(VAR / "mlflow" / "artifacts"),
        "INFERENCE_BIND": f"{HOST}:{api.port}",
        "INFERENCE_MLFLOW_URL": mlflow.url,
        "INFERENCE_REGISTERED_MODEL": given.get("TRAINER_MODEL_NAME") or "tweet-sentiment",
        "INFERENCE_MODEL_DIR": str(VAR / "models"),
        "INFERENCE_SPOOL_DIR": str(VAR / "spool"),
        "INFERENCE_DATABASE_URL": f"sqlite:///{VAR}/inference.db",
        "INFERENCE_ALERT_PAGE_URL": given.get("INFERENCE_ALERT_PAGE_URL") or f"{page.url}/monitor",
        "UI_API_URL": api.url,
        "UI_MLFLOW_URL": given.get("UI_MLFLOW_URL") or mlflow.url,
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "STREAMLIT_SERVER_HEADLESS": "true",
    }
    return dict(given) | wiring | {"PATH": f"{BIN}{os.pathsep}{given.get('PATH', '')}"}


def require_free(service: Service) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, service.port))
        except OSError as error:
            raise CannotRun(
                f"port {service.port} is in use ({error.strerror}), {service.name} needs it: stop what holds it, "
                f"or choose another: make run {service.variable}={service.port + 10}"
            ) from None


def variables() -> dict[str, str]:
    """Those of `.env`, if there is one, under those of the shell: the order that Compose keeps too."""
    try:
        file = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    except UnicodeDecodeError:
        raise CannotRun(f"{ROOT / '.env'} is not UTF-8 text: save it as UTF-8") from None
    return file | dict(os.environ)
