"""How the pages are served: what Streamlit is told, and what lies beside the script."""

import re
import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from ui.batch.reading import MEGABYTES
from ui.elements.style import SHEETS, style_markup

ROOM = SHEETS.parent
CONFIG = ROOM / ".streamlit" / "config.toml"


def options() -> dict[str, dict[str, object]]:
    return tomllib.loads(CONFIG.read_text(encoding="utf-8"))


def test_no_error_detail_reaches_the_browser_and_nothing_is_reported_home() -> None:
    assert options()["client"]["showErrorDetails"] == "none"
    assert options()["client"]["showErrorLinks"] is False
    assert options()["browser"]["gatherUsageStats"] is False


def test_uploads_are_no_larger_than_the_page_that_takes_them_says_and_messages_are_small() -> None:
    assert options()["server"]["maxUploadSize"] == MEGABYTES
    assert options()["server"]["maxMessageSize"] == 5


def test_the_style_sheets_load_nothing_from_elsewhere() -> None:
    assert SHEETS.is_dir() and "st-key-" in style_markup()
    assert "url(" not in style_markup()
    assert "@import" not in style_markup()


def test_no_page_lets_a_string_be_read_as_html() -> None:
    sources = [path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py")]
    assert not [source for source in sources if "unsafe_allow" in source]
    assert [call for source in sources for call in re.findall(r"st\.html\(([^)]*)\)", source)] == ["style_markup("]


def test_a_page_that_was_set_up_wrongly_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_API_URL", "inference:8000")
    page = AppTest.from_file(str(ROOM / "app.py")).run()
    assert not page.exception
    assert "UI_API_URL" in page.error[0].value
