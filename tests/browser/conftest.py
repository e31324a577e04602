"""A real Chromium in front of the real page in front of the real service."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_api import LiveApi, free_port
from playwright.sync_api import Browser, Page, sync_playwright
from pydantic import SecretStr

from tests.browser.watching import served_pages, watched_page
from tests.inference.conftest import MakeBundle, RegisteredModel
from tests.inference.conftest import make_bundle as make_bundle
from tests.inference.conftest import mlflow_server as mlflow_server
from tests.inference.conftest import registered_model as registered_model
from tests.inference.judged import publish_challenger, publish_champion
from tests.inference.receivers import Webhook, webhook
from ui.words.english.wording import ENGLISH

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here: apt install chromium, or name one with CHROMIUM=/path/to/it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    live = LiveApi(tmp_path_factory.mktemp("api"))
    live.start()
    yield live
    live.close()


@pytest.fixture
def api(shared_api: LiveApi) -> Iterator[LiveApi]:
    yield shared_api
    if not shared_api.is_running:
        shared_api.start()
    shared_api.answer_after(0)


@pytest.fixture(scope="package")
def page_url(chromium: Browser, shared_api: LiveApi) -> Iterator[str]:
    with served_pages(shared_api.url) as url:
        yield url


@pytest.fixture(scope="package")
def alert_pages(chromium: Browser) -> Iterator[tuple[str, int]]:
    """The pages in front of an API that each test has to itself, and its port."""
    port = free_port()
    with served_pages(f"http://127.0.0.1:{port}") as url:
        yield url, port


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    """Who is told of alerts."""
    with webhook() as receiver:
        yield receiver


@pytest.fixture
def alert_api(alert_pages: tuple[str, int], receiver: Webhook, tmp_path: Path) -> Iterator[LiveApi]:
    """Without an alert so far."""
    live = LiveApi(tmp_path / "api", port=alert_pages[1], alert_urls=SecretStr(f"json://{receiver.address}"))
    live.start()
    yield live
    live.close()


@pytest.fixture
def alert_screen(chromium: Browser, alert_pages: tuple[str, int], alert_api: LiveApi) -> Iterator[Page]:
    """The page of alerts."""
    url = alert_pages[0]
    with watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/alerts")
        page.get_by_role("heading", name=ENGLISH.alerts.none_yet).wait_for(timeout=30_000)
        yield page


@pytest.fixture
def challenged(chromium: Browser, registered_model: RegisteredModel, make_bundle: MakeBundle) -> RegisteredModel:
    """Version 1 is champion; version 2, which finds lateness lovely, has passed the gate beside it."""
    first, second = make_bundle("first"), make_bundle("second", weights=[0, 0, -2, 3, -2, -3, 0])
    publish_champion(registered_model, first)
    publish_challenger(registered_model, second, first)
    return registered_model


@pytest.fixture
def model_api(alert_pages: tuple[str, int], challenged: RegisteredModel, tmp_path: Path) -> Iterator[LiveApi]:
    """It follows the champion of a real MLflow, and lets the challenger read along."""
    registry = {"mlflow_url": challenged.url, "registered_model": challenged.name, "poll_seconds": 0.2}
    live = LiveApi(tmp_path / "api", with_model=False, port=alert_pages[1], shadow_share=1.0, **registry)
    live.start()
    yield live
    live.close()


@pytest.fixture
def model_screen(chromium: Browser, alert_pages: tuple[str, int], model_api: LiveApi) -> Iterator[Page]:
    """The page of models, once the champion answers."""
    url = alert_pages[0]
    with watched_page(chromium, url, url.replace("http", "ws")) as page:
        page.goto(f"{url}/models")
        page.get_by_role("heading", name=ENGLISH.models.champion.format(version="1")).wait_for(timeout=30_000)
        for waiting in (ENGLISH.models.serves_unknown, ENGLISH.models.since_unknown):
            page.get_by_text(waiting).wait_for(state="detached", timeout=30_000)
        yield page


@pytest.fixture
def screen(chromium: Browser, page_url: str) -> Iterator[Page]:
    """The page where tweets are analysed, ready to be typed into."""
    with watched_page(chromium, page_url, page_url.replace("http", "ws")) as page:
        page.goto(page_url)
        page.get_by_label("Tweet", exact=True).wait_for(timeout=30_000)
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        yield page


@pytest.fixture
def api_docs(chromium: Browser, shared_api: LiveApi) -> Iterator[Page]:
    """The API's own description of itself."""
    with watched_page(chromium, shared_api.url) as page:
        page.goto(f"{shared_api.url}/docs")
        yield page
