"""What operators type, what they read, and the exit status."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.database import build_engine
from inference.privacy import Privacy
from inference.retention import Retention
from inference.spool import Spool
from inference.tables import erasures
from tests.inference.log_worker import MIB
from tests.inference.receivers import mail_server, webhook
from tests.inference.stored import Stored, files_with, row_of

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

KEY = "a key of its own"
PERSON = "jane@example.org"
PSEUDONYM = Privacy(KEY).pseudonym(PERSON)
LONG_AGO = datetime.now(UTC) - timedelta(days=100)
LATELY = datetime.now(UTC) - timedelta(days=1)


@dataclass(frozen=True)
class Ended:
    status: int
    said: str
    complained: str


@dataclass
class Operator:
    folder: Path
    database_url: str

    def environment(self, **settings: str) -> dict[str, str]:
        """Settings as in settings.py; those of the machine that runs the test are not looked at."""
        chosen = {"database_url": self.database_url, "spool_dir": str(self.folder / "spool"), "subject_key": KEY}
        others = {name: value for name, value in os.environ.items() if not name.startswith("INFERENCE_")}
        return others | {f"INFERENCE_{name.upper()}": value for name, value in (chosen | settings).items()}

    def type(self, *arguments: str | bytes, given: bytes = b"", **settings: str) -> Ended:
        """In this process, which has read the imports already: to start another takes seconds."""
        said, complained = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as shell, redirect_stdout(said), redirect_stderr(complained):
            shell.setattr(os, "environ", self.environment(**settings))
            shell.setattr(sys, "argv", ["inference", *map(os.fsdecode, arguments)])
            shell.setattr(sys, "stdin", TextIOWrapper(BytesIO(given), encoding="utf-8"))
            shell.chdir(self.folder)
            try:
                main()
                status = 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
                # As Python itself does.
                complained.write("" if isinstance(end.code, int) else f"{end.code}\n")
        return Ended(status, said.getvalue(), complained.getvalue())

    def start(self, *arguments: str, **settings: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", "inference", *arguments],
            env=self.environment(**settings),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def operator(tmp_path: Path, database_url: str) -> Operator:
    return Operator(tmp_path, database_url)


@pytest.fixture
def stored(database_url: str) -> Iterator[Stored]:
    engine = build_engine(database_url)
    yield Stored(engine)
    engine.dispose()


# erase


@both
def test_a_person_is_erased_by_the_id_that_callers_give(operator: Operator, stored: Stored) -> None:
    theirs, others = stored.predict("of Jane", author=PSEUDONYM), stored.predict("of another")
    stored.judge(theirs, comment="she says: of Jane")
    stored.judge(others, comment="I am Jane", reviewer=PSEUDONYM)
    ended = operator.type("erase", PERSON)
    assert (ended.status, ended.complained) == (0, "")
    assert ended.said.startswith("Erased: texts 1, verdicts 2.\n")
    assert "Out of reach: messages already delivered" in ended.said
    assert ("vacuum" in ended.said) is operator.database_url.startswith("postgres")
    assert stored.texts() == ["", "of another"]
    assert [row["comment"] for row in stored.verdicts()] == [None] * 2


def test_the_id_need_not_be_in_the_history_of_the_shell(operator: Operator, stored: Stored) -> None:
    stored.predict("of Jane", author=PSEUDONYM)
    ended = operator.type("erase", "-", given=f"{PERSON}\n".encode())
    assert ended.said.startswith("Erased: texts 1, verdicts 0.\n")
    assert PERSON not in ended.said


@both
def test_what_waits_on_this_machine_is_erased_and_left_to_the_workers(operator: Operator, stored: Stored) -> None:
    folder = operator.folder / "spool"
    spool = Spool(folder, MIB)
    spool.add([row_of("of Jane", author=PSEUDONYM), b'{"no": "row"}', b"no JSON", row_of("of another")])
    spool.seal()
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert operator.type("erase", PERSON).said.startswith("Erased: texts 1")
    assert sorted(stored.texts()) == ["", "of another"]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_of_it_is_left_in_the_files_of_sqlite(operator: Operator, stored: Stored) -> None:
    stored.predict("canary", author=PSEUDONYM)
    assert files_with(operator.folder, "canary")
    operator.type("erase", PERSON)
    assert files_with(operator.folder, "canary") == []


def test_copies_in_application_insights_are_spoken_of_where_texts_are_sent(operator: Operator, stored: Stored) -> None:
    assert "Application Insights" not in operator.type("erase", PERSON).said
    assert "Application Insights" in operator.type("erase", PERSON, telemetry_include_text="true").said


def test_who_is_not_found_may_be_known_under_another_key(operator: Operator, stored: Stored) -> None:
    stored.predict("of Jane", author=PSEUDONYM)
    ended = operator.type("erase", PERSON, subject_key="another key")
    assert (ended.status, stored.texts()) == (0, ["of Jane"])
    assert "INFERENCE_SUBJECT_KEY" in ended.said
    assert KEY not in ended.said and "another key" not in ended.said


@pytest.mark.parametrize(("given", "typed"), [("", b""), (" ", b""), ("-", b"\n"), ("-", b"\xff"), (b"\xff", b"")])
def test_what_is_no_id_is_refused(operator: Operator, stored: Stored, given: str | bytes, typed: bytes) -> None:
    ended = operator.type("erase", given, given=typed)
    assert ended.status == 1
    assert ended.complained in ("error: The id is blank.\n", "error: The id is not UTF-8.\n")
    assert stored.rows(erasures) == []


# expire


@both
def test_what_is_old_is_forgotten_until_nothing_is_left_to_do(operator: Operator, stored: Stored) -> None:
    for _ in range(3):
        stored.judge(stored.predict("old", LONG_AGO, PSEUDONYM), comment="old", at=LONG_AGO)
    stored.predict("young", LATELY)
    assert operator.type("expire") == Ended(0, "Nothing older than 90 days is kept.\n", "")
    assert stored.texts() == ["", "", "", "young"]
    assert [row["comment"] for row in stored.verdicts()] == [None] * 3
    assert operator.type("expire", retention_days="0.5").said == "Nothing older than 0.5 days is kept.\n"
    assert stored.texts() == [""] * 4


def test_without_a_retention_it_says_so_and_still_erases_whoever_asked(operator: Operator, stored: Stored) -> None:
    Retention(stored.engine).erase(PSEUDONYM, LATELY)
    stored.predict("came in late", LONG_AGO, PSEUDONYM)
    stored.predict("old", LONG_AGO)
    ended = operator.type("expire", retention_days="0")
    assert ended == Ended(0, "INFERENCE_RETENTION_DAYS is 0: all is kept.\n", "")
    assert stored.texts() == ["", "old"]


# test-alert


def mail_settings(port: int, recipients: str = "ann@example.org bob@example.org") -> dict[str, str]:
    place = {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
    return place | {"alert_mail_from": "alerts@example.org", "alert_mail_to": recipients}


def test_a_test_reaches_everybody_and_says_so(operator: Operator) -> None:
    with mail_server() as mail, webhook() as hook:
        ended = operator.type("test-alert", alert_urls=f"json://{hook.address}", **mail_settings(mail.port))
    assert (ended.status, ended.complained) == (0, "")
    lines = ended.said.splitlines()
    assert len(lines) == 3 and all(line.endswith(": arrived") for line in lines)
    assert [mail["To"] for mail in mail.mails] == ["ann@example.org", "bob@example.org"]
    assert all("Test" in mail["Subject"] for mail in mail.mails) and "Test" in str(hook.bodies)


def test_who_is_not_reached_is_named_with_the_reason_and_the_others_are_told(operator: Operator) -> None:
    with mail_server() as mail, webhook() as hook:
        hook.status = 500
        mail.refusals["ann@example.org"] = "550 5.1.1 no such user"
        ended = operator.type("test-alert", alert_urls=f"json://{hook.address}/secret", **mail_settings(mail.port))
    assert (ended.status, ended.complained) == (1, "")
    first, second, third = ended.said.splitlines()
    assert first.startswith(f"json://{hook.address} ") and not first.endswith(": arrived")
    assert "550" in second and "ann@example.org" in second
    assert third.startswith("mail bob@example.org") and third.endswith(": arrived")
    assert "secret" not in ended.said


def test_where_nobody_is_told_it_says_so(operator: Operator) -> None:
    ended = operator.type("test-alert")
    assert (ended.status, ended.said) == (1, "")
    assert ended.complained.startswith("error: Nobody is told of alerts: set INFERENCE_ALERT_URLS")


# What cannot be done


@pytest.mark.parametrize("command", [["erase", PERSON], ["expire"]])
@pytest.mark.parametrize(
    ("database_url_given", "reason"),
    [
        ("postgresql://user:password@127.0.0.1:1/none", "The database does not answer."),
        ("sqlite:///not-migrated.db", "The database has not been migrated"),
        ("mysql://localhost", "INFERENCE_DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line(
    operator: Operator, command: list[str], database_url_given: str, reason: str
) -> None:
    ended = operator.type(*command, database_url=database_url_given)
    assert (ended.status, ended.said) == (1, "")
    assert reason in ended.complained and ended.complained.count("\n") == 1
    assert "password" not in ended.complained


def test_an_address_that_is_none_is_one_line(operator: Operator) -> None:
    ended = operator.type("test-alert", alert_urls="nonsense://token")
    assert (ended.status, ended.said, ended.complained.count("\n")) == (1, "", 1)
    assert "INFERENCE_ALERT_URLS" in ended.complained and "token" not in ended.complained


@pytest.mark.parametrize("typed", [[], ["forget"], ["erase"], ["erase", "one", "two"]])
def test_what_is_no_command_shows_how_it_is_used(operator: Operator, typed: list[str]) -> None:
    ended = operator.type(*typed)
    assert ended.status == 2
    assert ended.complained.startswith("usage: python -m inference")


def test_it_is_started_as_a_module(operator: Operator, stored: Stored) -> None:
    stored.predict("of Jane", author=PSEUDONYM)
    assert operator.start("erase", PERSON).said.startswith("Erased: texts 1, verdicts 0.\n")
    away = operator.start("expire", database_url="postgresql://user:password@127.0.0.1:1/none")
    assert away == Ended(1, "", "error: The database does not answer.\n")
