"""Pages where people sign in, as a provider would have them signed in."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "services/ui/src/ui/app.py"
AUTH: Mapping[str, str] = {
    "redirect_uri": "https://sentiment.example.org/oauth2callback",
    "cookie_secret": "0123456789abcdef0123456789abcdef",
    "client_id": "air-paradis",
    "client_secret": "s3cret of the client",
    "server_metadata_url": "https://provider.example.org/.well-known/openid-configuration",
}
ROLES = {"UI_OWNERS": "olga@example.org", "UI_REVIEWERS": "rose@example.org", "UI_VIEWERS": "vic@example.org"}
OWNER, REVIEWER, VIEWER, STRANGER = (f"{name}@example.org" for name in ("olga", "rose", "vic", "sam"))

Claims = dict[str, object]


def claims_of(address: str | None, **more: object) -> Claims:
    """As Streamlit hands them over."""
    who: Claims = {} if address is None else {"email": address, "email_verified": True}
    return {"is_logged_in": True, "provider": "default", "sub": "1", "iat": time.time(), "tokens": {}} | who | more


def open_signed_in(
    monkeypatch: pytest.MonkeyPatch,
    api_url: str,
    claims: Claims,
    *,
    script: Callable[[], None] | None = None,
    auth: Mapping[str, object] = AUTH,
    **variables: str,
) -> AppTest:
    """Somebody with these claims at the whole application, or at one page."""
    for name, value in (ROLES | {"UI_API_URL": api_url, "UI_READ_TIMEOUT_SECONDS": "5"} | variables).items():
        monkeypatch.setenv(name, value)
    file = AppTest.from_file(str(APP), default_timeout=20)
    page = file if script is None else AppTest.from_function(script, default_timeout=20)
    page.secrets["auth"] = dict(auth)
    page.user = claims
    return page.run()


def alerts_script() -> None:
    from ui.pages.alerts import alerts_page

    alerts_page()


def models_script() -> None:
    from ui.pages.models import models_page

    models_page()
