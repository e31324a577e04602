"""Keys from a variable, for places where no file can be mounted: the same lines, and both count."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr

from inference.access.checking import check_access, how_open
from inference.access.keys import make_key, write_line
from inference.settings import Settings, load_settings
from tests.inference.keyed import KeyRing, in_days, predict, wired
from tests.inference.running import running


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    ring = KeyRing(tmp_path / "api-keys")
    ring.write([])
    return ring


def refusal(lines: str, **settings: object) -> str:
    with pytest.raises(SystemExit) as ended:
        check_access(Settings(api_keys=SecretStr(lines), **settings))  # type: ignore[arg-type]
    assert "\n" not in str(ended.value)
    return str(ended.value)


@pytest.mark.parametrize("between", ["\n", ";", " ;\r\n "], ids=["newline", "semicolon", "both"])
def test_each_line_opens_what_it_says(settings: Settings, between: str) -> None:
    first, second, ended, reader = (make_key() for _ in range(4))
    lines = [
        "# who may ask",
        write_line("page", "predict", first),
        "",
        write_line("press", "predict,read", second),
        write_line("old", "predict", ended, in_days(-1)),
        write_line("reader", "read", reader),
    ]
    with wired(settings, api_keys=SecretStr(between.join(lines))) as wire:
        sent = [f"x-api-key: {key}" for key in (first, second, ended, reader, make_key())]
        assert [predict(wire, header).status for header in sent] == [200, 200, 401, 403, 401]
        assert predict(wire).status == 401


def test_beside_a_file_both_count_and_the_file_is_read_again(settings: Settings, ring: KeyRing) -> None:
    given, listed = make_key(), ring.add("listed")
    line = SecretStr(write_line("given", "predict", given))
    with wired(settings, api_keys=line, api_keys_file=ring.path) as wire:
        assert [predict(wire, f"x-api-key: {key}").status for key in (given, listed)] == [200, 200]


def test_a_line_that_is_none_is_named_by_the_variable_and_its_number(ring: KeyRing) -> None:
    good = write_line("page", "predict", make_key())
    for between in ("\n", ";"):
        words = refusal(between.join([good, "c4n4ry predict x"]))
        assert words.startswith("error: INFERENCE_API_KEYS: line 2: ") and "c4n4ry" not in words
    ring.write(["c4n4ry"])
    # Each is named by what it was read from.
    assert refusal(good, api_keys_file=ring.path).startswith("error: INFERENCE_API_KEYS_FILE: line 1: ")


def test_they_are_enough_in_production_and_close_it_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    line = write_line("page", "predict", make_key())
    assert "INFERENCE_API_KEYS" in refusal(" ; # nobody", environment="production")
    for environment in ("production", "local"):
        monkeypatch.setenv("ENVIRONMENT", environment)
        monkeypatch.setenv("INFERENCE_SUBJECT_KEY", "our own")
        monkeypatch.setenv("INFERENCE_API_KEYS", line)
        settings = load_settings()
        assert how_open(check_access(settings)) is None
        assert line not in repr(settings)


def test_a_service_in_production_starts_with_them_alone(
    make_bundle: Callable[..., Path],
    database_url: str,
    tmp_path: Path,
    unused_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = make_key()
    line = write_line("page", "predict", key)
    monkeypatch.setenv("ENVIRONMENT", "production")
    settings = {"database_url": database_url, "bundle": str(make_bundle()), "subject_key": "our own", "api_keys": line}
    with running(tmp_path, unused_url, **settings) as service:
        statuses = [
            requests.get(f"{service.url}/v1/model", headers=headers, timeout=5).status_code
            for headers in ({}, {"x-api-key": make_key()}, {"x-api-key": key}, {"authorization": f"Bearer {key}"})
        ]
        assert statuses == [401, 401, 200, 200]
        assert line not in service.log.read_text() and key not in service.log.read_text()
