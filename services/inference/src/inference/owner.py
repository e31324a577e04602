"""Who may change the champion, or report about it: whoever has the owner's key; where none is set, everybody."""

import hmac
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from inference.dependencies import CurrentSettings
from inference.errors import NotTheOwner

WORDS = "The owner's key, where the service has one (INFERENCE_OWNER_KEY)."

bearer = HTTPBearer(scheme_name="OwnerBearer", description=WORDS, auto_error=False)
api_key = APIKeyHeader(name="X-API-Key", scheme_name="OwnerKey", description=WORDS, auto_error=False)


async def require_owner(
    settings: CurrentSettings,
    authorization: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    key: Annotated[str | None, Security(api_key)],
) -> None:
    """For the `dependencies` of a route."""
    expected = settings.owner_key.get_secret_value()
    given = authorization.credentials if authorization is not None else key or ""
    # Headers are read as Latin-1; these are the bytes that came.
    if expected and not hmac.compare_digest(given.encode("latin-1"), expected.encode()):
        raise NotTheOwner
