"""The model in memory: chosen from the local candidates at start, swapped whole afterwards."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from inference.cache import BundleCache
from inference.classifier import Classifier, load_classifier
from inference.errors import BundleRefused, ModelNotReady
from inference.registry import RegistryVersion

logger = logging.getLogger(__name__)

PRETRAINED = "pretrained"


@dataclass(frozen=True, slots=True)
class ServedModel:
    classifier: Classifier
    version: str
    origin: RegistryVersion | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    version: str
    reason: str
    at: datetime


class Champion:
    """Each change is one assignment: a request sees the old model or the new one, never a mixture."""

    def __init__(self) -> None:
        self.served: ServedModel | None = None
        self.refused: Refusal | None = None
        # Told of each change, in the thread that makes it.
        self.when_served: list[Callable[[ServedModel], None]] = []
        self.when_refused: list[Callable[[BundleRefused], None]] = []

    def require_served(self) -> ServedModel:
        if self.served is None:
            raise ModelNotReady
        return self.served

    def serve(self, classifier: Classifier, origin: RegistryVersion | None) -> None:
        version = origin.version if origin else PRETRAINED
        served = ServedModel(classifier, version, origin, datetime.now(UTC))
        for tell in self.when_served:
            tell(served)
        self.served = served
        if origin is not None:
            self.refused = None
        logger.info("bundle_served version=%s digest=%s", version, classifier.digest)

    def refuse(self, version: str, error: BundleRefused) -> None:
        self.refused = Refusal(version, str(error), datetime.now(UTC))
        for tell in self.when_refused:
            tell(error)
        logger.warning('bundle_refused version=%s reason="%s"', version, error)


def serve_local(champion: Champion, cache: BundleCache, pretrained: Path | None) -> None:
    """The last good bundle, else the one that the settings name, else none until the registry has one."""
    last_good = cache.load_last_good()
    if last_good is not None:
        try:
            champion.serve(cache.load(last_good.digest), last_good.origin)
            return
        except BundleRefused as error:
            champion.refuse(last_good.origin.version, error)
    if pretrained is not None:
        try:
            champion.serve(load_classifier(pretrained), None)
        except BundleRefused as error:
            champion.refuse(PRETRAINED, error)
