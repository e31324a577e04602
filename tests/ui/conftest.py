"""A live API for each test, and the page as a person would have it open."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live_api import LiveApi
from review_queue import fill, without_glance
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "services/ui/src/ui/app.py"
READ_TIMEOUT_SECONDS = 0.6
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[LiveApi]:
    live = LiveApi(tmp_path / "api")
    live.start()
    yield live
    live.close()


@pytest.fixture
def point_pages(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Which API the pages ask, and for how long."""

    def point_at(api_url: str) -> None:
        monkeypatch.setenv("UI_API_URL", api_url)
        monkeypatch.setenv("UI_READ_TIMEOUT_SECONDS", str(READ_TIMEOUT_SECONDS))

    return point_at


@pytest.fixture
def open_page(point_pages: Callable[[str], None]) -> OpenPage:
    def open_at(api_url: str) -> AppTest:
        point_pages(api_url)
        return AppTest.from_file(str(APP), default_timeout=20).run()

    return open_at


@pytest.fixture
def page(api: LiveApi, open_page: OpenPage) -> AppTest:
    return open_page(api.url)


def opening(script: Callable[[], None], point_pages: Callable[[str], None]) -> OpenPage:
    """One page by itself."""

    def open_at(api_url: str) -> AppTest:
        point_pages(api_url)
        return AppTest.from_function(script, default_timeout=20).run()

    return open_at


@pytest.fixture
def open_alerts(point_pages: Callable[[str], None]) -> OpenPage:
    def script() -> None:
        from ui.pages.alerts import alerts_page

        alerts_page()

    return opening(script, point_pages)


@pytest.fixture
def open_models(point_pages: Callable[[str], None]) -> OpenPage:
    def script() -> None:
        from ui.pages.models import models_page

        models_page()

    return opening(script, point_pages)


@pytest.fixture
def open_review(point_pages: Callable[[str], None]) -> OpenPage:
    def script() -> None:
        from ui.pages.review import review_page

        review_page()

    return opening(script, point_pages)


@pytest.fixture
def review_page(api: LiveApi, open_review: OpenPage) -> AppTest:
    """With five tweets to review."""
    fill(api)
    return without_glance(open_review(api.url))
