"""A real OpenID provider on this machine, the pages that ask it who somebody is, and how a person goes through it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from live_api import free_port
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.watching import served_pages, watched_page
from ui.words.english.wording import ENGLISH

OWNER, REVIEWER, VIEWER, STRANGER = (f"{name}@example.org" for name in ("olga", "rose", "vic", "sam"))
UNVERIFIED = "olga-unverified"
CLAIMED = "claire@example.org"
# Ours of the lists, one whom the provider has not verified, and one whose token names the role.
USERS: list[Mapping[str, object]] = [
    *({"sub": who, "email": who, "email_verified": True} for who in (OWNER, REVIEWER, VIEWER, STRANGER)),
    {"sub": UNVERIFIED, "email": OWNER, "email_verified": False},
    {"sub": CLAIMED, "email": CLAIMED, "email_verified": True, "groups": ["staff", "reviewer"]},
]
ROLES = {"UI_OWNERS": OWNER, "UI_REVIEWERS": REVIEWER.upper(), "UI_VIEWERS": VIEWER, "UI_ROLE_CLAIM": "groups"}
COOKIE = "_streamlit_user"
# The provider's own pages want a style sheet from there, and do without.
STYLE = "https://cdn.jsdelivr.net/npm/@picocss/"
SOON = 30_000


@dataclass(frozen=True)
class GuardedPages:
    url: str
    provider: str
    secrets: Mapping[str, str] = field(repr=False)


@contextmanager
def provider() -> Iterator[str]:
    port = free_port()
    users = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *users]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_it_answers(f"{url}/.well-known/openid-configuration", process)
            yield url
        finally:
            process.terminate()


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the provider ended"
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("the provider did not answer")


@contextmanager
def guarded_pages(folder: Path, api_url: str, provider_url: str) -> Iterator[GuardedPages]:
    """Set up as an operator would: a file with the provider's values, and variables with who may do what."""
    secrets = {
        # Streamlit puts its own port in.
        "redirect_uri": "http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": "a-cookie-secret-that-only-tests-know",
        "client_id": "air-paradis",
        "client_secret": "a-client-secret-that-only-tests-know",
        "server_metadata_url": f"{provider_url}/.well-known/openid-configuration",
    }
    file = write_secrets(folder / "sign-in.toml", secrets)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (ROLES | {"STREAMLIT_SECRETS_FILES": str(file)}).items():
            patch.setenv(name, value)
        with served_pages(api_url) as url:
            yield GuardedPages(url, provider_url, secrets)


def write_secrets(file: Path, values: Mapping[str, str]) -> Path:
    lines = (f"{name} = {json.dumps(value)}" for name, value in values.items())
    file.write_text("\n".join(["[auth]", *lines, ""]), encoding="utf-8")
    return file


@contextmanager
def visit(chromium: Browser, pages: GuardedPages) -> Iterator[Page]:
    """A browser of its own, in front of the button to sign in."""
    own = (pages.url, pages.url.replace("http", "ws"), pages.provider, STYLE)
    with watched_page(chromium, *own) as screen:
        screen.route(f"{STYLE}**", lambda route: route.abort())
        screen.goto(pages.url)
        expect(sign_in_button(screen)).to_be_visible(timeout=SOON)
        yield screen


def sign_in(screen: Page, who: str) -> None:
    sign_in_button(screen).click()
    screen.get_by_role("button", name=who, exact=True).first.click(timeout=SOON)


def sign_out(screen: Page) -> None:
    screen.get_by_role("button", name=ENGLISH.people.sign_out).click()
    screen.get_by_role("button", name="End session").click(timeout=SOON)
    expect(sign_in_button(screen)).to_be_visible(timeout=SOON)


def sign_in_button(screen: Page) -> Locator:
    return screen.get_by_role("button", name=ENGLISH.people.sign_in)
