"""Real parts in small: bundles, databases and an app, made anew for each test."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import numpy as np
import onnx
import pytest
import requests
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from onnx import TensorProto, helper, numpy_helper
from psycopg2 import extensions
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from bench.postgres import postgres
from inference.app import create_app
from inference.loop_tables import metadata
from inference.settings import Settings
from tests.inference.roles import Roles

if TYPE_CHECKING:
    from mlflow import MlflowClient

SERVICE = Path(__file__).parents[2] / "services" / "inference"
VOCABULARY = {"[PAD]": 0, "[UNK]": 1, "late": 2, "lost": 3, "thanks": 4, "great": 5, "fine": 6}
WEIGHTS = [0.0, 0.0, 2.0, 3.0, -2.0, -3.0, 0.0]
GOLDEN_TEXTS = ["late", "lost again", "thanks", "a great crew", "fine", "late but great"]


def build_tokenizer(max_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    return tokenizer


def build_graph(
    weights: Sequence[float],
    labels: int = 2,
    *,
    source: str = "token_ids",
    output: str = "probabilities",
    total: float = 1.0,
) -> bytes:
    """p(negative) = sigmoid(sum of the tokens' weights); the other labels share what is left of the total."""
    nodes = [
        helper.make_node("Gather", ["weights", source], ["per_token"]),
        helper.make_node("ReduceSum", ["per_token", "axes"], ["score"], keepdims=1),
        helper.make_node("Sigmoid", ["score"], ["negative"]),
        helper.make_node("Sub", ["total", "negative"], ["rest"]),
        helper.make_node("Mul", ["rest", "shares"], ["others"]),
        helper.make_node("Concat", ["negative", "others"], [output], axis=1),
    ]
    constants = {
        "weights": np.array(weights, dtype=np.float32),
        "axes": np.array([1], dtype=np.int64),
        "total": np.array([total], dtype=np.float32),
        "shares": np.full((1, labels - 1), 1 / (labels - 1), dtype=np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(source, TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", labels])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    serialized: bytes = model.SerializeToString()
    return serialized


@pytest.fixture(scope="session", name="build_graph")
def build_graph_fixture() -> Callable[..., bytes]:
    return build_graph


def golden_probabilities(golden_text: str, weights: Sequence[float], labels: int) -> list[float]:
    score = sum(weights[VOCABULARY.get(word, 1)] for word in golden_text.split())
    negative = 1 / (1 + np.exp(-score))
    return [float(negative)] + [float((1 - negative) / (labels - 1))] * (labels - 1)


class MakeBundle(Protocol):
    def __call__(
        self,
        name: str = "bundle",
        *,
        weights: Sequence[float] = ...,
        labels: Sequence[str] = ...,
        graph: bytes | None = None,
        tokenizer: str | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> Path: ...


@pytest.fixture
def make_bundle(tmp_path: Path) -> MakeBundle:
    def make(
        name: str = "bundle",
        *,
        weights: Sequence[float] = WEIGHTS,
        labels: Sequence[str] = ("negative", "positive"),
        graph: bytes | None = None,
        tokenizer: str | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> Path:
        folder = tmp_path / "bundles" / name
        folder.mkdir(parents=True)
        (folder / "tokenizer.json").write_text(tokenizer or build_tokenizer(32).to_str(), encoding="utf-8")
        (folder / "model.onnx").write_bytes(graph or build_graph(weights, len(labels)))
        hashes = {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in ("tokenizer.json", "model.onnx")
        }
        scores = {"accuracy": 0.8, "accuracy_low": 0.79, "accuracy_high": 0.81, "macro_f1": 0.8}
        description = {
            "format_version": 1,
            "name": "tfidf_logreg",
            "labels": list(labels),
            "threshold": 0.5,
            "abstain_band": [0.4, 0.6],
            "max_tokens": 32,
            "command": "trainer train",
            "dataset": {"name": "sample", "fingerprint": "f", "train": 8, "validation": 1, "test": 1},
            "metrics": [
                {
                    "dataset": "sample",
                    "split": "test",
                    "size": 100,
                    "auc": 0.88,
                    "log_loss": 0.4,
                    "calibration_error": 0.02,
                }
                | scores
            ],
            "libraries": {"onnxruntime": "1.32.0"},
            "files": hashes,
            "golden": [
                {"text": golden, "probabilities": golden_probabilities(golden, weights, len(labels))}
                for golden in GOLDEN_TEXTS
            ],
        }
        content = json.dumps(description | dict(changes or {}), ensure_ascii=False)
        (folder / "model.json").write_text(content, encoding="utf-8")
        return folder

    return make


def migrate(database_url: str, revision: str = "head") -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("INFERENCE_DATABASE_URL", database_url)
        config = Config(toml_file=SERVICE / "pyproject.toml")
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


@pytest.fixture(scope="session")
def migrate_database() -> Callable[[str, str], None]:
    return migrate


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """A database of its own, without a table."""
    name = f"test_{uuid4().hex}"
    execute(postgres_server, f"CREATE DATABASE {name}")
    yield str(make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_roles(postgres_server: str) -> Roles:
    """The roles and databases of `docker compose up`, made by the same script; `inference` is migrated by its owner."""
    roles = Roles(postgres_server)
    assert roles.make().returncode == 0
    migrate(roles.url("inference_owner"))
    return roles


@pytest.fixture(scope="session")
def migrated_postgres(postgres_roles: Roles) -> str:
    """As its superuser sees it."""
    return postgres_roles.url("postgres")


def execute(database_url: str, statement: str) -> None:
    """With more patience than the service's: to drop a database may take longer on a busy machine."""
    patience = extensions.get_wait_callback()
    extensions.set_wait_callback(None)
    try:
        engine = create_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        extensions.set_wait_callback(patience)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, unless the test asks for `postgres`, as the service has it: it may neither delete nor change a table."""
    if getattr(request, "param", "sqlite") == "postgres":
        roles: Roles = request.getfixturevalue("postgres_roles")
        # As a superuser who passes by the rule that a journal is never changed.
        tables = ", ".join(metadata.tables)
        execute(roles.url("postgres"), f"SET session_replication_role = replica; TRUNCATE {tables} RESTART IDENTITY")
        return roles.url("inference_api")
    migrated: Path = request.getfixturevalue("migrated_sqlite")
    shutil.copy(migrated, tmp_path / "inference.db")
    return f"sqlite:///{tmp_path / 'inference.db'}"


@pytest.fixture
def settings(database_url: str, make_bundle: MakeBundle, tmp_path: Path) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        bundle=make_bundle("pretrained"),
        model_dir=tmp_path / "models",
        spool_dir=tmp_path / "spool",
        poll_seconds=0.1,
    )


StartApp = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture
def start_app(settings: Settings) -> StartApp:
    """The real app with its lifespan; keyword arguments replace single settings."""

    @contextmanager
    def start(**changes: object) -> Iterator[TestClient]:
        app = create_app(settings.model_copy(update=changes))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client

    return start


@pytest.fixture
def client(start_app: StartApp) -> Iterator[TestClient]:
    with start_app() as client:
        yield client


class RegisteredModel:
    """One registered model on a real MLflow server, with a name of its own."""

    def __init__(self, client: "MlflowClient", url: str) -> None:
        self.url = url
        self.name = f"tweet-sentiment-{uuid4().hex}"
        self._client = client
        client.create_registered_model(self.name)

    def publish(self, bundle: Path, *, digest: str | None = None) -> str:
        run = self._client.create_run("0").info
        self._client.log_artifacts(run.run_id, str(bundle), "model/artifacts/bundle")
        # What `mlflow.register_model` makes of runs:/…, which the server itself cannot resolve.
        version = self._client.create_model_version(self.name, f"{run.artifact_uri}/model", run.run_id)
        if digest:
            self._client.set_model_version_tag(self.name, str(version.version), "digest", digest)
        return str(version.version)

    def promote(self, version: str) -> None:
        self._client.set_registered_model_alias(self.name, "champion", version)

    def challenge(self, version: str) -> None:
        self._client.set_registered_model_alias(self.name, "challenger", version)

    def withdraw(self) -> None:
        self._client.delete_registered_model_alias(self.name, "challenger")

    def publish_champion(self, bundle: Path) -> str:
        version = self.publish(bundle)
        self.promote(version)
        return version


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--serve-artifacts"]
    stores = ["--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--artifacts-destination", str(folder / "a")]
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *arguments, *stores],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: answers(f"{url}/health"), seconds=90)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def registered_model(mlflow_server: str) -> RegisteredModel:
    # Seconds to import, so only where it is used.
    from mlflow import MlflowClient

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        return RegisteredModel(MlflowClient(mlflow_server, mlflow_server), mlflow_server)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url, timeout=1).ok
    return False


def wait_for(is_true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.05)


@pytest.fixture(scope="session", name="wait_for")
def wait_for_fixture() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def unused_url() -> str:
    return f"http://127.0.0.1:{free_port()}"
