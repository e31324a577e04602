"""What the registry says of a version: which one is champion, what the gate said, what its card reads.

Champions are moved by the API, which asks the gate's verdict and keeps the journal (`trainer promote`); here only the
first one is set, in a registry that has none: there is nothing yet that it could be compared with.
"""

import getpass
import os

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from trainer.errors import TrainerError
from trainer.gate import Verdict
from trainer.model_card import with_verdict
from trainer.registry import CHAMPION, version_of
from trainer.settings import Settings

TAG = "gate"


class NoSuchVersion(TrainerError):
    """The registry has no such version, or nothing under that alias."""


def crown_first(version: str, client: MlflowClient, settings: Settings) -> bool:
    """Make `version` the champion of a registry that has none; whether that was so."""
    if version_of(CHAMPION, client, settings) is not None:
        return False
    client.set_registered_model_alias(settings.model_name, CHAMPION, version)
    return True


def resolve(version: str, client: MlflowClient, settings: Settings) -> str:
    """The number of a version given by number or alias."""
    if not version.isdigit():
        found = version_of(version, client, settings)
        if found is None:
            where = f"{settings.model_name} in {settings.tracking_uri}"
            raise NoSuchVersion(f"{where} has no alias {version!r}: train or register a model first")
        return found
    try:
        return str(client.get_model_version(settings.model_name, version).version)
    except MlflowException:
        raise NoSuchVersion(f"{settings.model_name} has no version {version}") from None


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that no name belongs to
        return f"uid {os.getuid()}"


def write_verdict(version: str, verdict: Verdict, client: MlflowClient, settings: Settings) -> None:
    """Into the version's card, and last into the tag in which the API looks for it."""
    name = settings.model_name
    card = client.get_model_version(name, version).description or ""
    client.update_model_version(name, version, description=with_verdict(card, verdict))
    client.set_model_version_tag(name, version, TAG, verdict.shortened().model_dump_json())


def read_verdict(version: str, client: MlflowClient, settings: Settings) -> Verdict | None:
    tag = client.get_model_version(settings.model_name, version).tags.get(TAG)
    return Verdict.model_validate_json(tag) if tag else None
