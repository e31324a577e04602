"""What the service says when it starts open, and what it does not start with."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import requests
from pydantic import SecretStr

from inference.access.checking import check_access, how_open
from inference.access.key_file import LOOK_SECONDS
from inference.settings import Settings, load_settings
from tests.inference.keyed import KeyRing
from tests.inference.running import CONFIGURATION, running

MakeBundle = Callable[..., Path]
WaitFor = Callable[..., None]

ISSUER = "https://login.example.org/tenant/v2.0"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    ring = KeyRing(tmp_path / "api-keys")
    ring.write([])
    return ring


def refusal(**settings: object) -> str:
    with pytest.raises(SystemExit) as end:
        check_access(Settings(**settings))  # type: ignore[arg-type]
    assert "\n" not in str(end.value)
    return str(end.value)


def test_a_broken_file_is_named_with_its_line_and_without_its_words(ring: KeyRing, tmp_path: Path) -> None:
    ring.add("page")
    ring.write([*ring.lines, "c4n4ry"])
    words = refusal(api_keys_file=ring.path)
    assert words.startswith("error: INFERENCE_API_KEYS_FILE: line 2: ")
    assert "c4n4ry" not in words
    assert "No such file" in refusal(api_keys_file=tmp_path / "absent")


def test_half_a_provider_is_none(ring: KeyRing) -> None:
    assert refusal(oidc_issuer=ISSUER).startswith("error: INFERENCE_OIDC_AUDIENCE: is missing")
    assert refusal(oidc_audience="us").startswith("error: INFERENCE_OIDC_ISSUER: is missing")
    assert refusal(oidc_jwks_url=ISSUER).startswith("error: INFERENCE_OIDC_ISSUER: is missing")


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_JWKS_URL"])
@pytest.mark.parametrize(
    "url", ["http://login.example.org", "http://localhost.example.org", "http://127.0.0.1@example.org/", "ftp://x", "x"]
)
def test_a_provider_is_asked_over_tls_but_on_this_machine(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    monkeypatch.setenv(f"INFERENCE_{name}", url)
    with pytest.raises(SystemExit, match=f"^error: INFERENCE_{name}: "):
        load_settings()
    for safe in ("https://login.example.org/x", "http://127.0.0.1:9400", "http://[::1]/x", "http://localhost:1/"):
        monkeypatch.setenv(f"INFERENCE_{name}", safe)
        load_settings()


def test_in_production_somebody_holds_a_key(ring: KeyRing) -> None:
    for settings in ({}, {"api_keys_file": ring.path}, {"owner_key": SecretStr("a key")}):
        words = refusal(environment="production", **settings)
        assert words.startswith("error: INFERENCE_API_KEYS_FILE: holds no key")
    check_access(Settings(environment="production", oidc_issuer=ISSUER, oidc_audience="us"))
    ring.add("page")
    check_access(Settings(environment="production", api_keys_file=ring.path))


def test_how_open_it_is(ring: KeyRing) -> None:
    open_line, owner_line = (
        how_open(check_access(Settings(api_keys_file=ring.path, owner_key=SecretStr(key)))) for key in ("", "a key")
    )
    assert open_line is not None and "routes=all " in open_line
    assert owner_line is not None and "routes=all_but_admin " in owner_line
    ring.add("page")
    assert how_open(check_access(Settings(api_keys_file=ring.path))) is None


# --- the service as it is really started


def test_it_does_not_start_open_in_production(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), "inference.app:create_app()"]
    chosen = {"ENVIRONMENT": "production", "INFERENCE_SUBJECT_KEY": "our own", "TMPDIR": str(tmp_path)}
    ended = subprocess.run(
        command, env=os.environ | chosen, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode != 0
    assert "INFERENCE_API_KEYS_FILE: holds no key" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_it_says_once_that_it_is_open_and_closes_with_the_first_key_for_all_workers(
    make_bundle: MakeBundle, database_url: str, ring: KeyRing, tmp_path: Path, unused_url: str
) -> None:
    settings = {"database_url": database_url, "bundle": str(make_bundle()), "api_keys_file": str(ring.path)}
    with running(tmp_path, unused_url, workers="2", **settings) as service:
        assert requests.get(f"{service.url}/v1/model", timeout=5).status_code == 200
        key = ring.add("page")
        time.sleep(LOOK_SECONDS + 0.2)
        for _ in range(8):
            assert requests.get(f"{service.url}/v1/model", timeout=5).status_code == 401
            assert requests.get(f"{service.url}/v1/model", headers={"x-api-key": key}, timeout=5).ok
        [line] = [line for line in service.log.read_text().splitlines() if line.startswith("access_open ")]
        assert "routes=all " in line and "level=WARNING" in line and "INFERENCE_API_KEYS_FILE" in line


def test_a_worker_that_takes_the_place_of_another_stays_closed_whatever_became_of_the_file(
    make_bundle: MakeBundle, database_url: str, ring: KeyRing, tmp_path: Path, unused_url: str, wait_for: WaitFor
) -> None:
    ring.add("page")
    settings = {"database_url": database_url, "bundle": str(make_bundle()), "api_keys_file": str(ring.path)}
    with running(tmp_path, unused_url, **settings) as service:
        assert "access_open" not in service.log.read_text()
        ring.write([])
        [worker] = service.workers()
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not psutil.pid_exists(worker) and service.is_ready(), seconds=30)
        assert service.workers() != [worker]
        assert requests.get(f"{service.url}/v1/model", timeout=5).status_code == 401
