"""Whether people sign in, and what is missing where that was set up in part.

Streamlit reads the provider's values from the section [auth] of its secrets; who may do what is in our settings. With
neither, the pages are open, unless they are in production. With one and not the other nobody gets in: a file that was
lost on the way to the machine must not open what it was meant to close.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from ui.settings import Settings

COOKIE_SECRET_LENGTH = 32
CALLBACK = "/oauth2callback"
OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


def is_wanted(settings: Settings) -> bool:
    return settings.environment == "production" or is_begun(settings)


def is_begun(settings: Settings) -> bool:
    return has_roles(settings) or bool(settings.sign_in.get_secret_value()) or provider_values() is not None


def has_roles(settings: Settings) -> bool:
    return bool(settings.owners or settings.reviewers or settings.viewers or settings.role_claim)


def missing_parts(settings: Settings) -> list[str]:
    """The names of what is not there or cannot work; never what it is."""
    given = provider_values() or {}
    works = {
        "redirect_uri": is_safe_address(given.get("redirect_uri")) and _path(given["redirect_uri"]).endswith(CALLBACK),
        "cookie_secret": len(_text(given.get("cookie_secret"))) >= COOKIE_SECRET_LENGTH,
        "client_id": bool(_text(given.get("client_id"))),
        "client_secret": bool(_text(given.get("client_secret"))),
        "server_metadata_url": is_safe_address(given.get("server_metadata_url")),
        "roles": has_roles(settings),
    }
    return [part for part, does_work in works.items() if not does_work]


def provider_values() -> Mapping[str, object] | None:
    """None where there is no section [auth]; empty where it is no section."""
    try:
        section = st.secrets.get("auth")
    # No file, or none that can be read: Streamlit has said so in its log when it started.
    except (OSError, ValueError):
        return None
    if section is None:
        return None
    return section if isinstance(section, Mapping) else {}


def is_safe_address(given: object) -> bool:
    """Encrypted on its way; on this machine it has none."""
    try:
        parts = urlsplit(_text(given))
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in OWN_MACHINE)
    )


def _text(given: object) -> str:
    return given.strip() if isinstance(given, str) else ""


def _path(given: object) -> str:
    return urlsplit(_text(given)).path
