"""What people sign in with, from a variable: Streamlit finds it in a file that nobody else can read; no log has it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from live_api import free_port
from signed_in import APP, AUTH, OWNER
from streamlit.testing.v1 import AppTest

from tests.browser.raw_session import run_once
from ui.words.english.wording import ENGLISH

TABLE = "\n".join(["[auth]", *(f'{name} = "{value}"' for name, value in AUTH.items())])
# Where a value may have no second line.
INLINE = "auth = {" + ", ".join(f'{name} = "{value}"' for name, value in AUTH.items()) + "}"
# What the command that follows finds.
LOOK = """
import json, os, pathlib, tomllib
file = pathlib.Path(os.environ["STREAMLIT_SECRETS_FILES"])
modes = [oct(each.stat().st_mode & 0o777) for each in (file, file.parent)]
print(json.dumps([tomllib.loads(file.read_text())["auth"], modes, "UI_SIGN_IN" in os.environ]))
"""


def start(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.start", *command],
        env=os.environ | {"TMPDIR": str(folder)} | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("content", [TABLE, INLINE], ids=["table", "one line"])
def test_it_is_in_a_file_of_its_own(tmp_path: Path, content: str) -> None:
    ended = start(sys.executable, "-c", LOOK, folder=tmp_path, UI_SIGN_IN=content, STREAMLIT_SECRETS_FILES="/dev/null")
    assert ended.returncode == 0, ended.stderr
    given, modes, is_left = json.loads(ended.stdout)
    assert given == dict(AUTH)
    assert modes == ["0o600", "0o700"] and not is_left


@pytest.mark.parametrize("content", ["", " \n"], ids=["empty", "blank"])
def test_without_it_the_file_that_is_mounted_counts(tmp_path: Path, content: str) -> None:
    mounted = tmp_path / "sign-in.toml"
    mounted.write_text(TABLE, encoding="utf-8")
    files = {"STREAMLIT_SECRETS_FILES": str(mounted)}
    ended = start(sys.executable, "-c", LOOK, folder=tmp_path, UI_SIGN_IN=content, **files)
    assert json.loads(ended.stdout)[0] == dict(AUTH)
    assert list(tmp_path.iterdir()) == [mounted]


@pytest.mark.parametrize("content", ["c4n4ry", '[auth]\nc4n4ry = "c4n4ry', "[auth]\nc4n4ry = c4n4ry"])
def test_what_is_no_toml_ends_it_and_is_not_repeated(tmp_path: Path, content: str) -> None:
    ended = start(sys.executable, "-c", "raise AssertionError", folder=tmp_path, UI_SIGN_IN=content)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("error: UI_SIGN_IN: is no TOML") and "c4n4ry" not in line + ended.stdout
    assert list(tmp_path.iterdir()) == []


@contextmanager
def pages(folder: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = ["streamlit", "run", str(APP), "--server.headless", "true", "--server.address", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.start", sys.executable, "-m", *command, "--server.port", str(port)],
            env=os.environ | {"TMPDIR": str(folder)} | variables,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_the_pages_start_with_it_and_say_nothing_of_it(tmp_path: Path) -> None:
    with pages(tmp_path, UI_SIGN_IN=INLINE, UI_OWNERS=OWNER) as (process, url):
        deadline = time.monotonic() + 60
        while not is_healthy(url):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        told = run_once(url)
        assert told.says(ENGLISH.people.intro) and not told.says(ENGLISH.page_title)
        # Neither in its list of variables, nor in its command.
        seen = b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("environ", "cmdline"))
        assert not [value for value in AUTH.values() if value.encode() in seen]
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert not [value for value in AUTH.values() if value in log]


def is_healthy(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{url}/_stcore/health", timeout=1).ok
    return False


def test_a_value_that_nobody_wrote_down_closes_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Streamlit is started by itself: it would be open."""
    monkeypatch.setenv("UI_API_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("UI_SIGN_IN", INLINE)
    page = AppTest.from_file(str(APP), default_timeout=20).run()
    assert not page.text_area and page.error[0].value == ENGLISH.people.set_up_in_part
