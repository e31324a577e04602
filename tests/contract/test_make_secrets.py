"""`make secrets`: what it writes is what the services read, and what is there it leaves alone."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from inference.access.keys import read_keys

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDERS = ROOT / "infra" / "local-secrets"
EMPTY = {"alert-urls", "smtp-password", "applicationinsights-connection-string", "owner-key"}
KEYS = {"ui-api-key": {"predict", "feedback", "read", "admin"}, "trainer-api-key": {"read", "admin"}}


def make(place: Path, *arguments: object, code: int = 0) -> str:
    """What it prints, standing in `place`."""
    command = [sys.executable, str(ROOT / "scripts" / "make_secrets.py"), *map(str, arguments)]
    # Under a umask that would close the files to the containers' users.
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, umask=0o077, timeout=30)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_it_writes_the_files_whose_placeholders_are_committed(tmp_path: Path) -> None:
    make(tmp_path)
    assert contents(tmp_path / "secrets").keys() == contents(PLACEHOLDERS).keys()


def test_the_placeholders_say_that_they_are_some_and_keys_are_none() -> None:
    empty = {name for name, content in contents(PLACEHOLDERS).items() if not content}
    assert empty == EMPTY | set(KEYS) | {"api-keys"}
    assert {content for content in contents(PLACEHOLDERS).values() if content} == {"local-only\n"}


def test_the_placeholders_can_be_read_by_every_container() -> None:
    assert all(file.stat().st_mode & 0o004 for file in PLACEHOLDERS.iterdir())


def test_the_folder_is_closed_and_its_files_can_be_read_where_they_are_mounted(tmp_path: Path) -> None:
    make(tmp_path)
    folder = tmp_path / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}


def test_each_secret_is_long_and_like_no_other(tmp_path: Path) -> None:
    make(tmp_path)
    made = {name: text for name, text in contents(tmp_path / "secrets").items() if name not in {"api-keys", *EMPTY}}
    assert all(len(text.rstrip("\n")) >= 43 and text.count("\n") == 1 for text in made.values())
    assert len(set(made.values())) == len(made) == 10
    assert {name for name, text in contents(tmp_path / "secrets").items() if not text} == EMPTY


def test_the_api_knows_the_keys_and_what_they_may(tmp_path: Path) -> None:
    make(tmp_path)
    found = contents(tmp_path / "secrets")
    known = read_keys(found["api-keys"].encode())
    assert len(known) == len(KEYS)
    for name, scopes in KEYS.items():
        key = found[name].removesuffix("\n")
        assert re.fullmatch(r"ts_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", key)
        caller = known[hashlib.sha256(key.encode("ascii")).digest()].caller
        assert (caller.name, set(caller.scopes)) == (name.removesuffix("-api-key"), scopes)
        assert key not in found["api-keys"]


def test_it_says_what_to_put_into_the_variables_and_no_secret(tmp_path: Path) -> None:
    said = make(tmp_path)
    assert said.splitlines()[-2:] == ["SECRETS_DIR=./secrets", "ENVIRONMENT=production"]
    made = [text.strip() for name, text in contents(tmp_path / "secrets").items() if name != "api-keys" and text]
    assert not [secret for secret in made if secret in said]


def test_another_folder_is_named_as_it_was_given(tmp_path: Path) -> None:
    assert f"SECRETS_DIR={tmp_path}/deep/own\n" in make(tmp_path, tmp_path / "deep" / "own")
    assert "SECRETS_DIR=./own\n" in make(tmp_path, "own")
    assert "SECRETS_DIR=../own\n" in make(tmp_path / "own", "../own")


def test_what_is_there_stays_and_only_what_is_missing_is_written(tmp_path: Path) -> None:
    make(tmp_path)
    folder = tmp_path / "secrets"
    (folder / "subject-key").unlink()
    (folder / "owner-key").chmod(0o600)
    (folder / "owner-key").write_text("chosen by hand")
    before = contents(folder)
    said = make(tmp_path)
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert "written  secrets/subject-key\n" in said and said.count("written ") == 1
    assert said.count("kept ") == len(before)


def test_a_new_key_is_not_known_before_its_line_is_added_and_that_line_is_told(tmp_path: Path) -> None:
    make(tmp_path)
    folder = tmp_path / "secrets"
    old = contents(folder)
    (folder / "ui-api-key").unlink()
    said = make(tmp_path)
    assert contents(folder)["api-keys"] == old["api-keys"]
    [line] = [line for line in said.splitlines() if line.startswith("ui ")]
    # Two live keys of one name: the pages can be restarted before the old one goes.
    known = read_keys(f"{old['api-keys']}{line}\n".encode())
    assert len(known) == 3
    for key in (old["ui-api-key"], contents(folder)["ui-api-key"]):
        assert known[hashlib.sha256(key.strip().encode()).digest()].caller.name == "ui"


def test_keys_that_are_there_are_hashed_where_the_hashes_are_missing(tmp_path: Path) -> None:
    make(tmp_path)
    folder = tmp_path / "secrets"
    before = contents(folder)
    (folder / "api-keys").unlink()
    make(tmp_path)
    assert contents(folder) == before


def test_a_client_without_a_key_gets_no_line(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "ui-api-key").write_text("")
    make(tmp_path)
    assert [line.split()[0] for line in contents(tmp_path / "secrets")["api-keys"].splitlines()] == ["trainer"]


def test_a_folder_that_others_can_look_into_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets").chmod(0o755)
    assert make(tmp_path, code=1) == "error: secrets is open to others, and a secret is not: chmod 700 secrets\n"
    assert list((tmp_path / "secrets").iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("")
    said = make(tmp_path, code=1)
    assert said.startswith("error: secrets/") and said.count("\n") == 1


def test_a_key_that_is_no_text_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "ui-api-key").write_bytes(b"\xff\xfe")
    assert make(tmp_path, code=1) == "error: secrets/ui-api-key is no text\n"


@pytest.mark.parametrize("arguments", [("one", "two")])
def test_more_than_one_folder_is_not_understood(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert "usage:" in make(tmp_path, *arguments, code=2)
    assert os.listdir(tmp_path) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "database-api").symlink_to(tmp_path / "elsewhere")
    assert "kept     secrets/database-api\n" in make(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_git_takes_the_placeholders_and_not_the_secrets() -> None:
    command = ["git", "check-ignore", "secrets/subject-key", "infra/local-secrets/subject-key"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 128:
        pytest.skip("this is no checkout of git")
    assert done.stdout.split() == ["secrets/subject-key"]
