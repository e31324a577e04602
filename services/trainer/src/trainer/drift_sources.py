"""Where the reference window is found: kept with the model, in the data it was trained with, or in the log itself.

The first is the second as it was when the model was made: it needs no data set at hand and is there in a second, where
reading Sentiment140 takes a minute. The log is what is left: then drift is a change since the version began to answer.
"""

import logging
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from trainer.api import Api, ApiUnreachable
from trainer.bundle import Bundle
from trainer.drift_reference import Reference, ReferenceRefused, reference_from_dataset
from trainer.drift_registry import (
    FIRST_PREDICTIONS,
    ChampionVersion,
    asking_mlflow,
    fetch_reference,
    log_reference,
)
from trainer.drift_traffic import Traffic
from trainer.errors import TrainerError
from trainer.mixing import load_mixture
from trainer.registry import Client, RegistryUnreachable
from trainer.settings import Settings

logger = logging.getLogger(__name__)

Source = Literal["artifact", "data", "log"]
SOURCES: tuple[Source, ...] = get_args(Source)
FIRST = 2_000  # predictions


class ReferenceFinder:
    def __init__(self, api: Api, client: Client, settings: Settings, *, may_keep: bool) -> None:
        """`may_keep`: what was read from the log may be kept with the model."""
        self._may_keep = may_keep
        self._api = api
        self._client = client
        self._settings = settings

    def find(self, bundle: Bundle, champion: ChampionVersion, wanted: Source | None) -> Reference:
        """The first that there is, or the one that is wanted. Raises ReferenceRefused with all that was tried."""
        ways: dict[Source, Callable[[Bundle, ChampionVersion], Reference]] = {
            "artifact": self.kept,
            "data": self.read_data,
            "log": self.first_predictions,
        }
        refused = []
        for source in [wanted] if wanted else SOURCES:
            try:
                return self._checked(ways[source](bundle, champion), bundle)
            except (ApiUnreachable, RegistryUnreachable):  # another time, not another reference
                raise
            except TrainerError as error:
                logger.info("reference_not_had source=%s reason=%s", source, error)
                refused.append(f"{source}: {error}")
        raise ReferenceRefused("there is nothing to compare with yet: " + "; ".join(refused))

    def kept(self, bundle: Bundle, champion: ChampionVersion) -> Reference:
        return fetch_reference(champion.run_id, self._client, self._settings)

    def read_data(self, bundle: Bundle, champion: ChampionVersion) -> Reference:
        card = bundle.card
        dataset = load_mixture(
            card.dataset.name,
            data_dir=self._settings.data_dir,
            sample_dir=self._settings.sample_dir,
            labels=tuple(card.labels),
            limit=limit_of(card.command),
        )
        if dataset.fingerprint != card.dataset.fingerprint:
            raise ReferenceRefused(f"{card.dataset.name} is here, but not as the model was trained with it")
        return reference_from_dataset(bundle, dataset)

    def first_predictions(self, bundle: Bundle, champion: ChampionVersion) -> Reference:
        try:
            return fetch_reference(champion.run_id, self._client, self._settings, FIRST_PREDICTIONS)
        except ReferenceRefused:
            traffic = Traffic(self._api, bundle)
            window = next(traffic.windows(0, FIRST), None)
        if window is None:
            raise ReferenceRefused(f"version {champion.version} has not answered {FIRST:,} tweets yet")
        reference = Reference(
            features=window.features,
            seen=np.zeros(FIRST, np.bool_),
            labels=tuple(bundle.card.labels),
            judged=0,
            wrong=0,
            words=f"the first {FIRST:,} tweets that version {champion.version} answered, for want of its training data",
            after=traffic.end(),
        )
        if self._may_keep and champion.run_id:
            with asking_mlflow(self._settings):  # texts are kept for some time only, these figures for good
                log_reference(reference, champion.run_id, self._client, FIRST_PREDICTIONS)
        return reference

    def _checked(self, reference: Reference, bundle: Bundle) -> Reference:
        if reference.labels != tuple(bundle.card.labels):
            raise ReferenceRefused(f"it is of the labels {', '.join(reference.labels)}")
        return replace(reference, words=reference.words[:300])


def limit_of(command: str) -> int | None:
    """The --limit of the last of the commands that made a bundle: with another one it is another dataset."""
    words = shlex.split(command.rpartition("&&")[2])
    return next((int(value) for name, value in zip(words, words[1:], strict=False) if name == "--limit"), None)
