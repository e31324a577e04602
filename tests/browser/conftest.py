"""A real Chromium in front of the real page in front of the real service."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from live_api import LiveApi, free_port
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
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
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
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
    port = free_port()
    script = ROOT / "services/ui/src/ui/app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.port={port}", "--server.address=127.0.0.1"]
    with subprocess.Popen(
        command + options, env={**os.environ, "UI_API_URL": shared_api.url}, stdout=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until_served(url, process)
        yield url
        process.terminate()


def wait_until_served(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "streamlit ended"
        try:
            if requests.get(f"{url}/_stcore/health", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("streamlit did not answer")


@contextmanager
def watched_page(chromium: Browser, *own: str) -> Iterator[Page]:
    """A new page; a dialog, or a request to any other address than its own, fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    trespasses: list[str] = []
    allowed = (*own, "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(allowed) else trespasses.append(request.url))
    page.on("dialog", lambda dialog: (trespasses.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert not trespasses


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
