"""Which commit answers: what was just sent somewhere can be asked whether it is there."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient

from inference.settings import load_settings

StartApp = Callable[..., AbstractContextManager[TestClient]]

COMMIT = "fa37c4b6b0a7d2c1e8f9a0b1c2d3e4f5a6b7c8d9"


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_both_say_it_and_want_no_key(start_app: StartApp, path: str) -> None:
    with start_app(release=COMMIT, stay_closed=True) as client:
        assert client.get(path).json() == {"status": path.removeprefix("/health/"), "release": COMMIT}


def test_it_comes_from_a_variable_and_is_empty_without(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().release == ""
    monkeypatch.setenv("INFERENCE_RELEASE", COMMIT)
    assert load_settings().release == COMMIT
