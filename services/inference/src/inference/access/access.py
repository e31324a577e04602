"""Who asks, and whether they may: open to all, open but for the owner's routes, or closed to whoever has no key."""

import hmac
import logging
import secrets
import time
from collections.abc import Mapping, Sequence

from starlette.types import Scope as Request

from inference.access.credentials import KEY_HEADER, TOKEN_HEADER, Credential, choose, find_credential
from inference.access.failures import Failures
from inference.access.key_file import KeyFile
from inference.access.keys import Key, Keys, digest_of, read_keys
from inference.access.scopes import OWNERS, SCOPES, Caller, Scope
from inference.access.tokens import build_tokens
from inference.errors import Forbidden, NotSignedIn
from inference.settings import Settings

logger = logging.getLogger(__name__)

FREE = ("/health/", "/docs", "/openapi.json")
CALLER = "caller"


class Access:
    def __init__(self, settings: Settings) -> None:
        """Raises KeysRefused."""
        self._owner = owners_key(settings)
        self._given = given_keys(settings)
        self._file = KeyFile(settings.api_keys_file) if settings.api_keys_file is not None else None
        self._tokens = build_tokens(settings)
        self._failures = Failures(settings.spool_dir)
        # What no key is equal to, so that an unknown one is compared like any other.
        self._nobody = Key(Caller("", frozenset()), secrets.token_bytes(32))
        never_open = settings.stay_closed or settings.environment == "production"
        self._is_closed = never_open or self.has_somebody

    @property
    def is_closed(self) -> bool:
        """Once it is, it stays so: a file that is emptied opens the service to nobody."""
        if not self._is_closed and self._listed():
            self._is_closed = True
            logger.info("access_closed")
        return self._is_closed

    @property
    def has_somebody(self) -> bool:
        """Beside the owner: the one who promotes is not the one who predicts."""
        return self._tokens is not None or bool(self._given or self._listed())

    def is_open_for(self, scopes: Sequence[Scope]) -> bool:
        return not self.is_closed and not (self._owner and OWNERS in scopes)

    def lets_predict(self, headers: Mapping[bytes, bytes]) -> bool:
        """For the short way, which knows each header once; False is not a no, but a matter for the long way."""
        if not self.is_closed:
            return True
        keys, authorizations = ([headers[name]] if name in headers else [] for name in (KEY_HEADER, TOKEN_HEADER))
        caller = self._recognise(choose(keys, authorizations))
        return caller is not None and "predict" in caller.scopes

    async def identify(self, request: Request) -> Caller | None:
        """None for whoever shows nothing that is valid. Raises ProviderAway."""
        if request["path"].startswith(FREE) or not (self.is_closed or self._owner):
            return None
        credential = find_credential(request["headers"])
        caller = self._recognise(credential)
        if caller is None and self._tokens is not None and credential is not None and credential.is_bearer:
            caller = await self._tokens.verify(credential.content)
        return caller

    def admit(self, request: Request, caller: Caller | None) -> None:
        """Where it is closed: before the request is read, or even routed. Raises NotSignedIn or TooManyFailures."""
        request[CALLER] = caller
        if caller is None and self.is_closed and not request["path"].startswith(FREE):
            self._refuse(request)

    def check(self, request: Request, scopes: Sequence[Scope]) -> None:
        """For a route, which one of the scopes opens. Raises Forbidden, NotSignedIn or TooManyFailures."""
        caller: Caller | None = request[CALLER]
        if caller is not None:
            if caller.scopes.isdisjoint(scopes):
                raise Forbidden(scopes)
        elif not self.is_open_for(scopes):
            self._refuse(request)

    def _refuse(self, request: Request) -> None:
        self._failures.note(request)
        raise NotSignedIn

    def _recognise(self, credential: Credential | None) -> Caller | None:
        if credential is None:
            return None
        digest = digest_of(credential.content)
        key = self._listed().get(digest) or self._given.get(digest) or self._owner.get(digest) or self._nobody
        if hmac.compare_digest(key.digest, digest):
            if key.until > time.time():
                return key.caller
            logger.info("key_expired name=%s", key.caller.name)
        return self._tokens.recall(digest) if self._tokens is not None and credential.is_bearer else None

    def _listed(self) -> Keys:
        return self._file.keys() if self._file is not None else {}


def owners_key(settings: Settings) -> Keys:
    secret = settings.owner_key.get_secret_value().encode()
    return {digest_of(secret): Key(Caller("owner", frozenset(SCOPES)), digest_of(secret))} if secret else {}


def given_keys(settings: Settings) -> Keys:
    """Those of the variable. Raises KeysRefused."""
    return read_keys(settings.api_keys.get_secret_value().replace(";", "\n").encode())
