"""Which peers there are, and how each of them is started and asked."""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.peers.answers import check_invocations, check_predictions, check_shape
from bench.peers.peer import Launch, Peer, Route
from bench.texts import ROOT, golden_of
from bench.wire import Address

SERVICE = ROOT / "services" / "inference"
PYTHON = sys.executable
GUNICORN = (PYTHON, "-m", "gunicorn")
OWN_WORKER, UVICORN_WORKER, ASGI_WORKER = "inference.worker.Worker", "uvicorn_worker.UvicornWorker", "asgi"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}

SINGLE = Route("/v1/predictions", lambda texts: {"text": texts[0]})
BATCH = Route("/v1/predictions/batch", lambda texts: {"texts": list(texts)})
INVOCATION = Route("/invocations", lambda texts: {"inputs": list(texts)})


def with_variables(**more: str) -> Mapping[str, str]:
    # What a peer starts itself is looked for beside this Python.
    path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    packages = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | ONE_THREAD | {"PATH": path, "PYTHONPATH": packages} | more


def labels_of(bundle: Path) -> list[str]:
    labels: list[str] = json.loads((bundle / "model.json").read_text(encoding="utf-8"))["labels"]
    return labels


def bare_gunicorn(app: str, address: Address) -> Sequence[str]:
    return [*GUNICORN, "-k", UVICORN_WORKER, "-b", f"{address.host}:{address.port}", "--no-control-socket", app]


def constant() -> Peer:
    def launch(_: Path, address: Address) -> Launch:
        return Launch(bare_gunicorn("bench.peers.constant:create_app()", address), with_variables())

    return Peer(
        name="constant",
        title="constant answer, FastAPI",
        launch=launch,
        ready_path="/health/ready",
        single=SINGLE,
        batch=BATCH,
        check=lambda url: check_shape(f"{url}/v1/predictions"),
    )


def api(
    name: str, bundle: Path, *, worker_class: str = "", is_overloaded: bool = False, asks_again: bool = False
) -> Peer:
    """This API with one worker, of the class in its own configuration unless one is given, on a fresh SQLite file."""

    def launch(folder: Path, address: Address) -> Launch:
        environment = with_variables(
            INFERENCE_BIND=f"{address.host}:{address.port}",
            INFERENCE_BUNDLE=str(bundle),
            INFERENCE_DATABASE_URL=f"sqlite:///{folder}/inference.db",
            INFERENCE_MODEL_DIR=str(folder / "models"),
            INFERENCE_SPOOL_DIR=str(folder / "spool"),
            INFERENCE_MLFLOW_URL="",
            INFERENCE_WORKERS="1",
        )
        override = ["-k", worker_class] if worker_class else []
        serve = [*GUNICORN, "-c", "gunicorn.conf.py", *override, "inference.app:create_app()"]
        return Launch(serve, environment, before=[PYTHON, "-m", "alembic", "upgrade", "head"])

    return Peer(
        name=f"{name}-{worker_class}" if worker_class else name,
        title=f"this API, {name}" + (f", {worker_class}" if worker_class else ""),
        asks_again=asks_again,
        launch=launch,
        ready_path="/health/ready",
        single=SINGLE,
        batch=BATCH,
        check=partial(check_predictions, golden=golden_of(bundle), labels=labels_of(bundle)),
        folder=SERVICE,
        is_overloaded=is_overloaded,
    )


def mlflow_serve(bundle: Path) -> Peer:
    def launch(folder: Path, address: Address) -> Launch:
        store = f"sqlite:///{folder}/mlflow.db"
        environment = with_variables(
            MLFLOW_TRACKING_URI=store,
            TRAINER_TRACKING_URI=store,
            TRAINER_ARTIFACTS_DIR=str(folder / "artifacts"),
            TRAINER_MODEL_NAME="bench",
            MLFLOW_DISABLE_TELEMETRY="true",
        )
        serve = [PYTHON, "-m", "mlflow", "models", "serve", "-m", "models:/bench@champion", "--env-manager", "local"]
        serve += ["--host", address.host, "--port", str(address.port), "--workers", "1"]
        register = [PYTHON, "-m", "trainer", "register", str(bundle), "--champion-if-none"]
        return Launch(serve, environment, before=register)

    return Peer(
        name="mlflow",
        title="mlflow models serve, champion",
        launch=launch,
        ready_path="/ping",
        single=INVOCATION,
        batch=INVOCATION,
        check=partial(check_invocations, golden=golden_of(bundle), labels=labels_of(bundle)),
    )


def keras_predict(bundle: Path) -> Peer:
    def launch(_: Path, address: Address) -> Launch:
        environment = with_variables(BENCH_BUNDLE=str(bundle), TF_CPP_MIN_LOG_LEVEL="2")
        return Launch([*bare_gunicorn("bench.peers.keras_predict:create_app()", address), "-t", "120"], environment)

    return Peer(
        name="keras",
        title="Keras predict, FastAPI",
        launch=launch,
        ready_path="/ready",
        single=Route("/predict", lambda texts: {"text": texts[0]}),
        batch=None,
        check=lambda url: check_shape(f"{url}/predict"),
        patience=2.0,
    )


def has_keras() -> bool:
    return importlib.util.find_spec("keras") is not None
