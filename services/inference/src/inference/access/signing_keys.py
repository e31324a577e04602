"""The provider's keys in memory, fetched in a thread when they are due: seldom, whatever tokens are made up.

PyJWT's own client holds a lock while it fetches, and asks again for every token while the provider is away; here
one fetch at most is under way, nobody who can be answered waits for it, and a failure is not repeated at once.
"""

import asyncio
import logging
import time

from jwt import PyJWK

from inference.access.provider import Provider, ProviderFailed
from inference.errors import ProviderAway

logger = logging.getLogger(__name__)

# A key that the provider has taken back is known no longer than this, and this long where the provider is away.
FRESH_SECONDS, STALE_SECONDS = 300.0, 3600.0
# Between two fetches: after one that went well, for keys that nobody knows; and after one that failed.
AGAIN_SECONDS, AFTER_FAILURE_SECONDS = 30.0, 5.0


class SigningKeys:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._keys: list[PyJWK] = []
        self._fetched_at = self._tried_at = -STALE_SECONDS
        self._has_failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> PyJWK | None:
        """None where the provider has no such key. Raises ProviderAway."""
        key = self._match(kid)
        if self._is_due(is_known=key is not None):
            self._fetching = asyncio.create_task(self._fetch())
        if key is None and self._fetching is not None:
            # It goes on for the others, where this caller hangs up.
            await asyncio.shield(self._fetching)
            key = self._match(kid)
        if key is None and self._has_failed:
            raise ProviderAway
        return key

    def _match(self, kid: str | None) -> PyJWK | None:
        if time.monotonic() - self._fetched_at > STALE_SECONDS:
            return None
        if kid is None:
            # As OpenID Connect has it: needless where there is only one.
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.key_id == kid), None)

    def _is_due(self, *, is_known: bool) -> bool:
        if self._fetching is not None:
            return False
        now = time.monotonic()
        if is_known and now - self._fetched_at <= FRESH_SECONDS:
            return False
        return now - self._tried_at > (AFTER_FAILURE_SECONDS if self._has_failed else AGAIN_SECONDS)

    async def _fetch(self) -> None:
        """Never raises: those who wait look at what has come of it."""
        try:
            self._keys = await asyncio.to_thread(self._provider.fetch_keys)
        except ProviderFailed as error:
            self._has_failed = True
            logger.warning('token_keys_unavailable reason="%s"', error)
        else:
            self._has_failed = False
            self._fetched_at = time.monotonic()
        finally:
            self._tried_at = time.monotonic()
            self._fetching = None
