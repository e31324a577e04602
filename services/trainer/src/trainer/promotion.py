"""Which version is `champion`, and the journal of how it came to be.

    trainer promote 3 --reason "better on the airline tweets"

The journal is append-only: a tag `promotion.<nanoseconds>-<random>` of the registered model per move, so that two moves
at the same moment are two lines.
"""

import getpass
import os
import secrets
import time
from datetime import UTC, datetime

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from pydantic import BaseModel

from trainer.errors import TrainerError
from trainer.registry import CHAMPION, version_of
from trainer.settings import Settings

PREFIX = "promotion."


class Promotion(BaseModel):
    """One move of the alias: who, when, why, from and to. `from_version` is None for the first champion."""

    at: datetime
    by: str
    reason: str
    from_version: str | None
    to_version: str


class PromotionRefused(TrainerError):
    """The version cannot become champion; the message says why."""


def promote(version: str, client: MlflowClient, settings: Settings, *, reason: str, by: str = "") -> Promotion:
    """Make `version` (a number, or an alias such as `challenger`) the champion and write the journal."""
    if not reason.strip():
        raise PromotionRefused("a promotion needs a reason: the journal is read when something went wrong")
    target = resolve(version, client, settings)
    current = version_of(CHAMPION, client, settings)
    if current == target:
        raise PromotionRefused(f"{settings.model_name} version {target} is the champion already")
    promotion = Promotion(
        at=datetime.now(UTC),
        by=by or user_name(),
        reason=reason,
        from_version=current,
        to_version=target,
    )
    # Journal first: a crash in between leaves a line about a move that can be repeated, never a silent move.
    entry = f"{PREFIX}{time.time_ns():020d}-{secrets.token_hex(4)}"
    client.set_registered_model_tag(settings.model_name, entry, promotion.model_dump_json())
    client.set_registered_model_alias(settings.model_name, CHAMPION, target)
    return promotion


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that no name belongs to
        return f"uid {os.getuid()}"


def resolve(version: str, client: MlflowClient, settings: Settings) -> str:
    if not version.isdigit():
        found = version_of(version, client, settings)
        if found is None:
            where = f"{settings.model_name} in {settings.tracking_uri}"
            raise PromotionRefused(f"{where} has no alias {version!r}: train or register a model first")
        return found
    try:
        return str(client.get_model_version(settings.model_name, version).version)
    except MlflowException:
        raise PromotionRefused(f"{settings.model_name} has no version {version}") from None


def journal(client: MlflowClient, settings: Settings) -> list[Promotion]:
    """Every promotion, oldest first."""
    tags = client.get_registered_model(settings.model_name).tags
    return [Promotion.model_validate_json(tags[key]) for key in sorted(tags) if key.startswith(PREFIX)]
