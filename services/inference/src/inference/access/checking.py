"""Before the service starts: what it would refuse later, and what it must not do in production."""

from inference.access.access import Access, given_keys
from inference.access.keys import KeysRefused
from inference.settings import Settings

KEYS, GIVEN_KEYS = "INFERENCE_API_KEYS_FILE", "INFERENCE_API_KEYS"
HOW_TO_CLOSE = f"{KEYS}, {GIVEN_KEYS} or INFERENCE_OIDC_ISSUER closes it (docs/access.md)"


def check_access(settings: Settings) -> Access:
    """Or the end of the process with one line that names the variable, and where it is the file, its line."""
    if bool(settings.oidc_issuer) != bool(settings.oidc_audience):
        missing = "AUDIENCE" if settings.oidc_issuer else "ISSUER"
        raise SystemExit(f"error: INFERENCE_OIDC_{missing}: is missing; the issuer and the audience go together")
    if settings.oidc_jwks_url and not settings.oidc_issuer:
        raise SystemExit("error: INFERENCE_OIDC_ISSUER: is missing, beside INFERENCE_OIDC_JWKS_URL")
    try:
        given_keys(settings)
    except KeysRefused as error:
        raise SystemExit(f"error: {GIVEN_KEYS}: {error}") from None
    try:
        access = Access(settings)
    except KeysRefused as error:
        raise SystemExit(f"error: {KEYS}: {error}") from None
    if settings.environment == "production" and not access.has_somebody:
        raise SystemExit(
            f"error: {KEYS}: holds no key, nor does {GIVEN_KEYS}, and in production the service is never open "
            "(docs/access.md)"
        )
    return access


def how_open(access: Access) -> str | None:
    """The line for the log; None where nothing is open."""
    if access.is_closed:
        return None
    scope = "all" if access.is_open_for(["admin"]) else "all_but_admin"
    return f'access_open to=everybody routes={scope} reason="{HOW_TO_CLOSE}"'
