"""In production the pages are closed before people sign in, and before every secret can be read."""

from pathlib import Path

import pytest
from live_api import LiveApi, free_port
from person import keys, shown
from signed_in import APP, OWNER, alerts_script, claims_of, open_signed_in
from streamlit.testing.v1 import AppTest

from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.people
NOBODY: dict[str, object] = {"is_logged_in": False}


@pytest.fixture
def nowhere() -> str:
    """Where no API answers: what asks it fails aloud."""
    return f"http://127.0.0.1:{free_port()}"


def is_closed(page: AppTest) -> bool:
    return not page.exception and not page.text_area and ENGLISH.page_title not in shown(page)


@pytest.mark.parametrize("variable", ["ENVIRONMENT", "UI_ENVIRONMENT"])
def test_in_production_the_pages_are_closed_before_sign_in_is_set_up(
    monkeypatch: pytest.MonkeyPatch, nowhere: str, variable: str
) -> None:
    monkeypatch.setenv("UI_API_URL", nowhere)
    monkeypatch.setenv(variable, "production")
    page = AppTest.from_file(str(APP), default_timeout=20).run()
    assert is_closed(page) and not keys(page)
    assert page.error[0].value == WORDS.not_set_up
    assert all(WORDS.parts[part] in page.markdown[-1].value for part in WORDS.parts)


def test_in_production_a_page_that_is_reached_without_the_app_is_closed_too(
    monkeypatch: pytest.MonkeyPatch, nowhere: str
) -> None:
    monkeypatch.setenv("UI_API_URL", nowhere)
    monkeypatch.setenv("ENVIRONMENT", "production")
    page = AppTest.from_function(alerts_script, default_timeout=20).run()
    assert not page.exception and not page.error and not keys(page)


def test_in_production_half_a_sign_in_is_still_half_of_one(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    page = open_signed_in(
        monkeypatch, nowhere, NOBODY, ENVIRONMENT="production", UI_OWNERS="", UI_REVIEWERS="", UI_VIEWERS=""
    )
    assert is_closed(page)
    assert page.error[0].value == WORDS.set_up_in_part


def test_in_production_whoever_has_a_role_comes_in(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(OWNER), ENVIRONMENT="production")
    assert ENGLISH.page_title in shown(page)


def test_a_secret_that_cannot_be_read_closes_the_pages_and_names_the_file(
    monkeypatch: pytest.MonkeyPatch, nowhere: str, tmp_path: Path
) -> None:
    (tmp_path / "ui_api_key").mkdir()
    page = open_signed_in(monkeypatch, nowhere, claims_of(OWNER), UI_SECRETS_DIR=str(tmp_path))
    assert is_closed(page)
    assert page.error[0].value == ENGLISH.unreadable
    assert f"{tmp_path}/ui_api_key" in page.text[0].value
