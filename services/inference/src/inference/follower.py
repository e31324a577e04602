"""The thread that follows the registry's champion alias: fetch, verify, swap, or refuse and go on."""

import logging
import random
import threading
import time
from collections.abc import Callable

from inference.cache import BundleCache
from inference.champion import Champion
from inference.errors import BundleRefused, RegistryUnavailable
from inference.obtaining import obtain
from inference.registry import Registry, RegistryVersion

logger = logging.getLogger(__name__)

LONGEST_DELAY_SECONDS = 30.0
# Nobody is served yet, so every second of waiting is one that a person waits too.
DELAY_WITHOUT_MODEL_SECONDS = 2.0
REFUSED_RETRY_SECONDS = 300.0
STOP_WAIT_SECONDS = 1.0


class ChampionFollower:
    def __init__(self, champion: Champion, registry: Registry, cache: BundleCache, poll_seconds: float) -> None:
        self._champion = champion
        self._registry = registry
        self._cache = cache
        self._poll_seconds = poll_seconds
        self._refused: RegistryVersion | None = None
        self._refused_until = 0.0
        # Told at each poll which version the champion's alias names, once that is what serves.
        self.when_followed: list[Callable[[RegistryVersion], None]] = []
        self._stopping = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="champion-follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        self._thread.join(STOP_WAIT_SECONDS)

    def wake(self) -> None:
        """The champion has just changed."""
        self._woken.set()

    def _follow(self) -> None:
        delay = self._poll_seconds
        while not self._stopping:
            delay = self._next_delay(delay)
            # Spread, so that replicas do not ask in step.
            self._woken.wait(delay * random.uniform(0.8, 1.2))
            self._woken.clear()

    def _next_delay(self, delay: float) -> float:
        try:
            self.poll()
            return self._poll_seconds
        except RegistryUnavailable as error:
            logger.warning('registry_unavailable reason="%s"', error)
        except Exception:
            # Whatever it is, a full disk for one, the model in memory goes on serving.
            logger.exception("champion_poll_failed")
        if self._champion.served is None:
            return min(DELAY_WITHOUT_MODEL_SECONDS, self._poll_seconds)
        return min(delay * 2, max(LONGEST_DELAY_SECONDS, self._poll_seconds))

    def poll(self) -> None:
        wanted = self._registry.fetch_champion()
        if wanted is None or self._is_refused(wanted):
            return
        try:
            self._follow_to(wanted)
        except BundleRefused as error:
            self._refused, self._refused_until = wanted, time.monotonic() + REFUSED_RETRY_SECONDS
            self._champion.refuse(wanted.version, error)

    def _follow_to(self, wanted: RegistryVersion) -> None:
        if self._is_served(wanted):
            # What was refused before is wanted no more, and may be tried anew.
            self._refused, self._champion.refused = None, None
        else:
            self._champion.serve(obtain(self._registry, self._cache, wanted), wanted)
        for tell in self.when_followed:
            tell(wanted)
        self._keep(wanted)

    def _is_served(self, wanted: RegistryVersion) -> bool:
        served = self._champion.served
        return served is not None and served.origin == wanted

    def _is_refused(self, wanted: RegistryVersion) -> bool:
        return wanted == self._refused and time.monotonic() < self._refused_until

    def _keep(self, wanted: RegistryVersion) -> None:
        """See to it that the next start finds what is served now, though a disk was full or the cache removed."""
        digest = self._champion.require_served().classifier.digest
        if not self._cache.holds(digest):
            obtain(self._registry, self._cache, wanted)
        self._cache.remember(digest, wanted)
