"""The pages served by Streamlit itself, and looked at by a browser that reports where else it goes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from live_api import free_port
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]


@contextmanager
def served_pages(api_url: str) -> Iterator[str]:
    port = free_port()
    script = ROOT / "services/ui/src/ui/app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.port={port}", "--server.address=127.0.0.1"]
    variables = {"UI_API_URL": api_url, "UI_REFRESH_SECONDS": "1"}
    with subprocess.Popen(command + options, env=os.environ | variables, stdout=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_served(url, process)
            yield url
        finally:
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
