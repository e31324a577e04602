"""Settings come from UI_ variables and refuse what cannot work."""

import pytest
from pydantic import ValidationError

from ui.settings import Settings


def test_without_variables_the_api_is_expected_on_this_machine() -> None:
    assert Settings().api_url == "http://127.0.0.1:8000"


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_API_URL", "")
    assert Settings().api_url == "http://127.0.0.1:8000"


def test_the_address_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_API_URL", "https://api.example.org/sentiment")
    assert Settings().api_url == "https://api.example.org/sentiment"


def test_the_owners_key_is_not_shown_where_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_OWNER_KEY", "s3cret")
    assert Settings().owner_key.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(Settings())


@pytest.mark.parametrize("key", ["two words", "clé", "line\nbreak"])
def test_a_key_that_cannot_be_sent_as_a_header_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("UI_OWNER_KEY", key)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert key not in str(caught.value)


@pytest.mark.parametrize("address", ["inference:8000", "ftp://inference", "http://me:secret@inference", "http://"])
def test_an_address_that_cannot_be_called_or_shown_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("UI_API_URL", address)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("goal", ["0", "-1", "many"])
def test_a_goal_that_nobody_can_reach_is_refused(monkeypatch: pytest.MonkeyPatch, goal: str) -> None:
    assert Settings().review_goal == 20
    monkeypatch.setenv("UI_REVIEW_GOAL", goal)
    with pytest.raises(ValidationError):
        Settings()
