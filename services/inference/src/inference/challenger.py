"""The thread that follows the registry's challenger alias, now and then: whatever is wrong with it, there is none."""

import logging
import random
import threading
import time
from datetime import UTC, datetime

from inference.cache import BundleCache
from inference.champion import Champion, ServedModel
from inference.errors import BundleRefused, RegistryUnavailable
from inference.follower import REFUSED_RETRY_SECONDS, STOP_WAIT_SECONDS
from inference.obtaining import obtain
from inference.registry import CHALLENGER, Registry, RegistryVersion
from inference.registry_access import credentials_of
from inference.settings import Settings
from inference.shadow import Shadow
from inference.threads import step_back

logger = logging.getLogger(__name__)

# Nobody waits for it: it is asked for once where the champion is asked for so many times.
POLLS = 6


class ChallengerFollower:
    """Its cache is another folder than the champion's: neither sweeps out what the other needs."""

    def __init__(
        self, shadow: Shadow, champion: Champion, registry: Registry, cache: BundleCache, poll_seconds: float
    ) -> None:
        self._shadow = shadow
        self._champion = champion
        self._registry = registry
        self._cache = cache
        self._poll_seconds = poll_seconds * POLLS
        self._loaded: ServedModel | None = None
        self._refused: RegistryVersion | None = None
        self._refused_until = 0.0
        self._is_away = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="challenger-follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(STOP_WAIT_SECONDS)

    def _follow(self) -> None:
        step_back()
        while not self._stopping.is_set():
            self._try_to_poll()
            # Spread, so that replicas do not ask in step.
            self._stopping.wait(self._poll_seconds * random.uniform(0.8, 1.2))

    def _try_to_poll(self) -> None:
        try:
            self.poll()
            self._is_away = False
        except RegistryUnavailable as error:
            if not self._is_away:
                logger.warning('challenger_unknown reason="%s"', error)
            self._is_away = True
        except Exception:
            # Whatever it is, a full disk for one, the challenger in memory goes on.
            logger.exception("challenger_poll_failed")

    def poll(self) -> None:
        served = self._champion.served
        if served is None:
            # A machine that has just started has more urgent things to fetch.
            return
        wanted = self._registry.fetch_alias(CHALLENGER)
        if wanted is None or is_same(wanted, served):
            self._challenge(None)
        elif self._loaded is None or self._loaded.origin != wanted:
            self._challenge(self._load(wanted))
        else:
            self._challenge(self._loaded)

    def _challenge(self, model: ServedModel | None) -> None:
        self._loaded = model
        served = self._champion.served
        if model is not None and served is not None and model.classifier.digest == served.classifier.digest:
            model = None
        before, self._shadow.challenger = self._shadow.challenger, model
        if model is None:
            self._shadow.clear()
        if before is not model:
            logger.info("challenger_changed version=%s", "none" if model is None else model.version)

    def _load(self, wanted: RegistryVersion) -> ServedModel | None:
        if wanted == self._refused and time.monotonic() < self._refused_until:
            return None
        try:
            classifier = obtain(self._registry, self._cache, wanted)
            self._cache.remember(classifier.digest, wanted)
        except BundleRefused as error:
            if wanted != self._refused:
                logger.warning('challenger_refused version=%s reason="%s"', wanted.version, error)
            self._refused, self._refused_until = wanted, time.monotonic() + REFUSED_RETRY_SECONDS
            return None
        self._refused = None
        return ServedModel(classifier, wanted.version, wanted, datetime.now(UTC))


def is_same(wanted: RegistryVersion, served: ServedModel) -> bool:
    """Told without a fetch where the registry names the digest."""
    return wanted == served.origin or wanted.digest == served.classifier.digest


def build_challenger_follower(settings: Settings, shadow: Shadow, champion: Champion) -> ChallengerFollower | None:
    """None where there is no registry to ask, or nothing to be scored by what it names."""
    if settings.mlflow_url is None or not settings.shadow_share:
        return None
    registry = Registry(settings.mlflow_url, settings.registered_model, credentials_of(settings))
    cache = BundleCache(settings.model_dir / CHALLENGER)
    follower = ChallengerFollower(shadow, champion, registry, cache, settings.poll_seconds)
    follower.start()
    return follower
