"""MLflow: where runs are tracked and bundles registered. Nothing else in the trainer knows how MLflow stores them.

trainer register models/champion
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import TypeAlias

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from trainer.bundle import Bundle
from trainer.errors import TrainerError
from trainer.model_card import model_card, shortened
from trainer.settings import Settings
from trainer.version_figures import measure_figures, write_tag

CHAMPION, CHALLENGER = "champion", "challenger"
# Tags beside a version: what it scores and costs, and in which experiment its run is, which the registry does not say.
FIGURES, EXPERIMENT = "figures", "experiment_id"
# For those who hand it on and ask nothing of it themselves.
Client: TypeAlias = MlflowClient
# What the registered model needs where it runs alone, pinned to what it was evaluated with.
SERVING_LIBRARIES = ("mlflow", "numpy", "onnxruntime", "pandas", "tokenizers")


class RegistryUnreachable(TrainerError):
    """MLflow does not answer at the configured address."""


# The registered model carries its own short list of libraries; this repository's lock is not part of it.
QUIET = {
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_LOG_UV_FILES": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


def connect(settings: Settings) -> MlflowClient:
    """Point MLflow at the configured store and make sure that the experiment is there."""
    for variable, value in QUIET.items():
        os.environ.setdefault(variable, value)
    if password := settings.mlflow_password.get_secret_value():
        # Its client takes them from nowhere else.
        os.environ["MLFLOW_TRACKING_USERNAME"] = settings.mlflow_username
        os.environ["MLFLOW_TRACKING_PASSWORD"] = password
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    uri = settings.tracking_uri
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    elif uri.startswith("http"):
        require_answer(uri)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = MlflowClient()
    if client.get_experiment_by_name(settings.experiment) is None:
        # A server proxies artifacts; a bare SQLite file needs to be told where they lie.
        location = settings.artifacts_dir.resolve().as_uri() if uri.startswith("sqlite") else None
        client.create_experiment(settings.experiment, artifact_location=location)
    mlflow.set_experiment(settings.experiment)
    return client


def experiment_id(client: MlflowClient, settings: Settings) -> str:
    experiment = client.get_experiment_by_name(settings.experiment)
    assert experiment is not None, "connect has seen to it that there is one"
    return str(experiment.experiment_id)


def require_answer(uri: str) -> None:
    """Ask once with a short timeout: MLflow's own client would retry for minutes before it says anything."""
    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=5).raise_for_status()
    except requests.RequestException as error:
        raise RegistryUnreachable(
            f"MLflow does not answer at {uri} ({type(error).__name__}). Start it (`make run`), or unset "
            "MLFLOW_TRACKING_URI to use the local SQLite file."
        ) from None


@dataclass(frozen=True)
class Registered:
    """The number of a bundle's version, and whether this call made it."""

    version: str
    is_new: bool


def register(bundle: Bundle, client: MlflowClient, settings: Settings, *, run_id: str | None = None) -> Registered:
    """Make the bundle the next version and the challenger; one that is registered already only gets missing tags.

    Without a `run_id` a run of its own is made.
    """
    known = find_version(bundle.digest, client, settings)
    if known is not None:
        add_missing_tags(known, bundle, client, settings)
        return Registered(str(known.version), is_new=False)
    with mlflow.start_run(run_id=run_id, run_name=None if run_id else f"register {bundle.card.name}") as run:
        version = log_version(bundle, settings, experiment=run.info.experiment_id)
    client.update_model_version(settings.model_name, version, description=shortened(model_card(bundle)))
    client.set_registered_model_alias(settings.model_name, CHALLENGER, version)
    return Registered(version, is_new=True)


def find_version(digest: str, client: MlflowClient, settings: Settings) -> ModelVersion | None:
    found = client.search_model_versions(f"name = '{settings.model_name}' and tags.digest = '{digest}'")
    return found[0] if found else None


def add_missing_tags(version: ModelVersion, bundle: Bundle, client: MlflowClient, settings: Settings) -> None:
    """Of a version that was registered before there were such tags."""
    number = str(version.version)
    if FIGURES not in version.tags:
        client.set_model_version_tag(settings.model_name, number, FIGURES, write_tag(measure_figures(bundle)))
    if EXPERIMENT not in version.tags and (experiment := experiment_of(version, client)):
        client.set_model_version_tag(settings.model_name, number, EXPERIMENT, experiment)


def experiment_of(version: ModelVersion, client: MlflowClient) -> str | None:
    """None where the version has no run, or its run is deleted for good."""
    if not version.run_id:
        return None
    try:
        return str(client.get_run(version.run_id).info.experiment_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def log_version(bundle: Bundle, settings: Settings, *, experiment: str) -> str:
    """Log the bundle into the active run as a pyfunc and register it."""
    with bundle_folder(bundle) as folder, resources.as_file(resources.files("trainer") / "served_model.py") as code:
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(code),
            artifacts={"bundle": str(folder)},
            pip_requirements=[f"{library}=={metadata.version(library)}" for library in SERVING_LIBRARIES],
        )
    # With its tags from the start: by the digest a version is found again, and checked by whoever serves it.
    tags = {
        "digest": bundle.digest,
        "candidate": bundle.card.name,
        "dataset": bundle.card.dataset.name,
        FIGURES: write_tag(measure_figures(bundle)),
        EXPERIMENT: experiment,
    }
    return str(mlflow.register_model(info.model_uri, settings.model_name, tags=tags).version)


@contextmanager
def bundle_folder(bundle: Bundle) -> Iterator[Path]:
    """The bundle's three files, and nothing else, in a folder called `bundle`: MLflow keeps a folder's name."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "bundle"
        folder.mkdir()
        for file in ("model.json", *bundle.card.files):
            shutil.copy2(bundle.folder / file, folder / file)
        yield folder


def version_of(alias: str, client: MlflowClient, settings: Settings) -> str | None:
    """The version an alias points to, or None where the model or the alias does not exist."""
    try:
        # MLflow types this as text and answers a number from SQL stores.
        return str(client.get_model_version_by_alias(settings.model_name, alias).version)
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise
