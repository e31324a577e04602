"""A live API for each test, and the page as a person would have it open."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live_api import LiveApi
from review_queue import fill, without_glance
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "services/ui/src/ui/app.py"
READ_TIMEOUT_SECONDS = 0.6


@pytest.fixture
def api(tmp_path: Path) -> Iterator[LiveApi]:
    live = LiveApi(tmp_path / "api")
    live.start()
    yield live
    live.close()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    def open_at(api_url: str) -> AppTest:
        monkeypatch.setenv("UI_API_URL", api_url)
        monkeypatch.setenv("UI_READ_TIMEOUT_SECONDS", str(READ_TIMEOUT_SECONDS))
        return AppTest.from_file(str(APP), default_timeout=20).run()

    return open_at


@pytest.fixture
def page(api: LiveApi, open_page: Callable[[str], AppTest]) -> AppTest:
    return open_page(api.url)


@pytest.fixture
def open_alerts(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    def script() -> None:
        from ui.pages.alerts import alerts_page

        alerts_page()

    def open_at(api_url: str) -> AppTest:
        monkeypatch.setenv("UI_API_URL", api_url)
        monkeypatch.setenv("UI_READ_TIMEOUT_SECONDS", str(READ_TIMEOUT_SECONDS))
        return AppTest.from_function(script, default_timeout=20).run()

    return open_at


@pytest.fixture
def open_models(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    def script() -> None:
        from ui.pages.models import models_page

        models_page()

    def open_at(api_url: str) -> AppTest:
        monkeypatch.setenv("UI_API_URL", api_url)
        monkeypatch.setenv("UI_READ_TIMEOUT_SECONDS", str(READ_TIMEOUT_SECONDS))
        return AppTest.from_function(script, default_timeout=20).run()

    return open_at


@pytest.fixture
def open_review(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    def script() -> None:
        from ui.pages.review import review_page

        review_page()

    def open_at(api_url: str) -> AppTest:
        monkeypatch.setenv("UI_API_URL", api_url)
        monkeypatch.setenv("UI_READ_TIMEOUT_SECONDS", str(READ_TIMEOUT_SECONDS))
        return AppTest.from_function(script, default_timeout=20).run()

    return open_at


@pytest.fixture
def review_page(api: LiveApi, open_review: Callable[[str], AppTest]) -> AppTest:
    """With five tweets to review."""
    fill(api)
    return without_glance(open_review(api.url))
