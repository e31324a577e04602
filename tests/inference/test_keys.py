"""A key is shown once, the file keeps a hash of it, and a change of the file counts within a second."""

import logging
import os
import re
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.access.key_file import LARGEST, LOOK_SECONDS, KeyFile
from inference.access.keys import KeysRefused, digest_of, make_key, read_keys, write_line
from tests.inference.keyed import KeyRing, in_days

HASH = "a" * 64
SECRET = "c4n4ry"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "api-keys")


class Clock:
    """In place of the module `time` of key_file.py."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("inference.access.key_file.time", clock)
    return clock


def names(file: KeyFile) -> list[str]:
    return [key.caller.name for key in file.keys().values()]


# --- lines


def test_a_key_says_what_it_is_and_no_two_are_alike() -> None:
    keys = {make_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"ts_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", key) for key in keys)


def test_a_line_is_a_name_scopes_a_hash_and_perhaps_an_end() -> None:
    key = make_key()
    content = f"""\ufeff# who may ask
    the-page  predict,read,feedback  {digest_of(key.encode()).hex()}   # until the move

    the-page predict {HASH} until=2027-01-31T00:00:00+01:00
    other.page_2 admin {"b" * 64} until=2027-01-31T00:00:00.5Z""".replace("\n", "\r\n")
    first, second, third = read_keys(content.encode()).values()
    assert (first.caller.name, first.caller.scopes) == ("the-page", {"predict", "read", "feedback"})
    assert (first.digest, first.until) == (digest_of(key.encode()), float("inf"))
    assert (second.caller.name, second.until) == ("the-page", 1801350000.0)
    assert third.until == 1801353600.5


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nobody yet\n"])
def test_a_file_without_a_line_holds_no_key(content: bytes) -> None:
    assert read_keys(content) == {}


@pytest.mark.parametrize(
    "line",
    [
        SECRET,
        "local-only",
        f"{SECRET} predict",
        f"{SECRET} predict {SECRET}",
        f"{SECRET} predict {HASH[:-1]}",
        f"{SECRET} predict {HASH}0",
        f"{SECRET} predict {HASH.upper()}",
        f"{SECRET} predict, read {HASH}",
        f"{SECRET} predict,, {HASH}",
        f"{SECRET} everything {HASH}",
        f"{SECRET} Predict {HASH}",
        f"{SECRET}/ predict {HASH}",
        f"{SECRET * 11} predict {HASH}",
        f"{SECRET} predict {HASH} 2027-01-31T00:00:00Z",
        f"{SECRET} predict {HASH} until=",
        f"{SECRET} predict {HASH} until=2027-01-31",
        f"{SECRET} predict {HASH} until=2027-01-31T00:00:00",
        f"{SECRET} predict {HASH} until=2027-02-30T00:00:00Z",
        f"{SECRET} predict {HASH} until=0000-01-01T00:00:00Z",
        f"{SECRET} predict {HASH} until=2027-01-31T00:00:00Z {SECRET}",
        f"{SECRET}\u00e9 predict {HASH}",
        f"{SECRET} predict {HASH.replace('a', chr(0x661))}",
    ],
)
def test_what_is_no_line_is_named_by_its_number_and_not_repeated(line: str) -> None:
    with pytest.raises(KeysRefused, match=r"^line 3: ") as refused:
        read_keys(f"# first\n\n{line}\n".encode())
    assert SECRET not in str(refused.value)
    assert HASH not in str(refused.value)


def test_the_same_key_in_two_lines_is_a_mistake_and_what_is_no_text_too() -> None:
    with pytest.raises(KeysRefused, match="line 2: the same key"):
        read_keys(f"a predict {HASH}\nb read {HASH}\n".encode())
    with pytest.raises(KeysRefused, match="not UTF-8"):
        read_keys(b"a predict \xff")


# --- the file


def test_a_new_line_counts_after_a_second_and_a_revoked_one_no_more(ring: KeyRing, clock: Clock) -> None:
    ring.add("first")
    file = KeyFile(ring.path)
    ring.add("second")
    assert names(file) == ["first"]
    clock.now += LOOK_SECONDS
    assert names(file) == ["first", "second"]
    ring.revoke("first")
    clock.now += LOOK_SECONDS
    assert names(file) == ["second"]


def test_between_two_looks_the_disk_is_left_alone(ring: KeyRing, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    ring.add("first")
    file = KeyFile(ring.path)
    looks = []
    stat = os.stat
    monkeypatch.setattr("inference.access.key_file.os.stat", lambda path: looks.append(path) or stat(path))
    for _ in range(1000):
        clock.now += LOOK_SECONDS / 100
        file.keys()
    assert 9 <= len(looks) <= 11


def test_another_file_of_the_same_size_and_time_is_noticed(ring: KeyRing, clock: Clock, tmp_path: Path) -> None:
    ring.add("first")
    file, before = KeyFile(ring.path), ring.path.stat()
    other = KeyRing(tmp_path / "other")
    other.add("third")
    os.utime(other.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.path.rename(ring.path)
    clock.now += LOOK_SECONDS
    assert (ring.path.stat().st_size, names(file)) == (before.st_size, ["third"])


@pytest.mark.parametrize("broken", [f"{SECRET} predict\n".encode(), b"\xff", b"#" * (LARGEST + 1), None])
def test_a_file_that_breaks_is_said_once_and_the_keys_before_it_go_on(
    ring: KeyRing, clock: Clock, caplog: pytest.LogCaptureFixture, broken: bytes | None
) -> None:
    ring.add("first")
    file, whole = KeyFile(ring.path), ring.path.read_bytes()
    if broken is None:
        ring.path.unlink()
    else:
        ring.path.write_bytes(broken)
    with caplog.at_level(logging.INFO, logger="inference"):
        for _ in range(3):
            clock.now += LOOK_SECONDS
            assert names(file) == ["first"]
        assert [record.getMessage().split()[0] for record in caplog.records] == ["keys_refused"]
        assert SECRET not in caplog.text
        ring.path.write_bytes(whole)
        clock.now += LOOK_SECONDS
        assert names(file) == ["first"]
        assert caplog.records[-1].getMessage() == "keys_read count=1"


def test_a_file_that_is_not_there_or_broken_at_the_start_is_an_error(ring: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match="No such file"):
        KeyFile(ring.path)
    with pytest.raises(KeysRefused, match="Is a directory"):
        KeyFile(tmp_path)
    ring.write(["broken"])
    with pytest.raises(KeysRefused, match="line 1: "):
        KeyFile(ring.path)


# --- python -m inference new-key


def type_new_key(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["inference", "new-key", *arguments])
    # No setting is read for it.
    monkeypatch.setenv("INFERENCE_WORKERS", "none")
    main()


def test_the_command_shows_the_key_once_and_a_line_that_the_file_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    until = in_days(1)
    type_new_key(monkeypatch, "the-page", "--scopes", "predict,feedback", "--until", until)
    _, key, _, line = capsys.readouterr().out.splitlines()
    [kept] = read_keys(line.encode()).values()
    assert kept.digest == digest_of(key.encode())
    assert (kept.caller.name, kept.caller.scopes) == ("the-page", {"predict", "feedback"})
    assert line.endswith(f" until={until}")
    assert key not in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("the page", "--scopes", "predict"),
        ("", "--scopes", "predict"),
        ("#", "--scopes", "predict"),
        ("page", "--scopes", "predict read"),
        ("page", "--scopes", ""),
        ("page", "--scopes", "all"),
        ("page", "--scopes", "predict", "--until", "tomorrow"),
        ("page", "--scopes", "predict", "--until", ""),
    ],
)
def test_the_command_makes_no_key_that_the_file_would_refuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit, match="^error: "):
        type_new_key(monkeypatch, *arguments)
    assert "ts_" not in capsys.readouterr().out


def test_a_comment_in_a_name_is_no_way_to_lose_the_rest_of_the_line() -> None:
    with pytest.raises(KeysRefused):
        write_line("a#b", "predict", make_key())
