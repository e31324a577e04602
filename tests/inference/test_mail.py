"""Mail about an alert, against a real mail server on this machine."""

import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from inference.alerting.failure import DeliveryFailed
from inference.alerting.mail import MailNotifier, SmtpSettings
from inference.alerting.message import Message
from tests.inference.receivers import MailServer, black_hole, mail_server, make_certificate

LOGIN = ("alerts", "open sesame")
BODY = (
    "Zürich: 3 rejections in 5 minutes 😀\n.a dot\n..two dots\n.\n\n  indented\ttab\n" + "é" * 1500 + "\nFrom here on\n"
)
ASCII_BODY = ".a dot\n..two dots\n.\n\nFrom here on\n" + "x" * 3000 + "\nend\n"

Settings = Callable[..., SmtpSettings]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def settings() -> Settings:
    def make(port: int, **changes: object) -> SmtpSettings:
        common = {"host": "127.0.0.1", "sender": "alerts@air.example", "recipients": ("ops@example.org",)}
        return SmtpSettings.model_validate({"security": "none", "timeout": 5.0, "port": port} | common | changes)

    return make


def message(subject: str = "Rejections", body: str = "3 in 5 minutes\n", severity: str = "warning") -> Message:
    return Message("0199-7abc", subject, body, severity)


def failure_of(settings: SmtpSettings) -> str:
    with pytest.raises(DeliveryFailed) as failure:
        MailNotifier(settings).send(message())
    return str(failure.value)


@pytest.mark.parametrize("body", [BODY, ASCII_BODY])
def test_a_mail_arrives_whole(server: MailServer, settings: Settings, body: str) -> None:
    subject = "Rejections: Zürich 😀 " + "too late " * 30
    MailNotifier(settings(server.port)).send(message(subject, body))
    [mail] = server.mails
    assert mail.get_content().replace("\r\n", "\n") == body
    assert mail["Subject"] == subject.strip()
    assert (mail["From"], mail["To"]) == ("alerts@air.example", "ops@example.org")
    assert mail.get_content_type() == "text/plain"
    assert abs(parsedate_to_datetime(mail["Date"]).timestamp() - time.time()) < 60


def test_every_line_of_a_mail_is_one_that_servers_take(server: MailServer, settings: Settings) -> None:
    for body in (BODY, ASCII_BODY):
        MailNotifier(settings(server.port)).send(message("é😀 " * 300, body))
    for content in server.contents:
        assert content.isascii()
        # RFC 5322; and encoded words of RFC 2047 have their own limit.
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert max(map(len, re.findall(rb"=\?utf-8\?\S+", content))) <= 75


def test_a_repeat_has_the_same_id_and_asks_for_no_answer(server: MailServer, settings: Settings) -> None:
    for _ in range(2):
        MailNotifier(settings(server.port)).send(message())
    assert [mail["Message-ID"] for mail in server.mails] == ["<0199-7abc@air.example>"] * 2
    assert {mail["Auto-Submitted"] for mail in server.mails} == {"auto-generated"}


@pytest.mark.parametrize(("severity", "marks"), [("critical", ("1", "high")), ("warning", (None, None))])
def test_only_what_is_critical_is_marked_as_urgent(
    server: MailServer, settings: Settings, severity: str, marks: tuple[str | None, str | None]
) -> None:
    MailNotifier(settings(server.port)).send(message(severity=severity))
    [mail] = server.mails
    assert (mail["X-Priority"], mail["Importance"]) == marks


@pytest.mark.parametrize("end_of_line", ["\n", "\r\n", "\r", "\x85", "\u2028", "\n\n"])
def test_a_subject_of_two_lines_adds_no_header(server: MailServer, settings: Settings, end_of_line: str) -> None:
    MailNotifier(settings(server.port)).send(message(f"Rejections{end_of_line}Bcc: everybody@example.org"))
    assert server.recipients == [["ops@example.org"]]
    [mail] = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Rejections Bcc: everybody@example.org"


@pytest.mark.parametrize("body", ["<b>\x00\x1b[31m\u202egnp.exe", "half \ud83d", "\r\n.\r\nQUIT\r\n", ""])
def test_what_cannot_be_written_does_not_keep_a_mail_back(server: MailServer, settings: Settings, body: str) -> None:
    MailNotifier(settings(server.port)).send(message(body, body))
    [mail] = server.mails
    assert not re.search("[\x00\x1b\u202e]", mail.get_content() + mail["Subject"])


def test_the_server_is_let_in_only_with_the_right_password(settings: Settings) -> None:
    with mail_server(login=LOGIN) as server:
        MailNotifier(settings(server.port, user=LOGIN[0], password=LOGIN[1])).send(message())
        assert len(server.mails) == 1
        assert failure_of(settings(server.port)) == "the sender was refused: 530 5.7.0"


def test_a_wrong_password_is_told_and_not_repeated(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, logger="mail.log")
    with mail_server(login=LOGIN) as server:
        wrong = settings(server.port, user="alerts", password="hunter2-hunter2")
        with pytest.raises(DeliveryFailed, match=r"^the login was refused: 535 5\.7\.8$") as failure:
            MailNotifier(wrong).send(message())
    notifier = MailNotifier(wrong)
    told = [str(failure.value), repr(failure.value), repr(notifier), repr(wrong), notifier.destination, caplog.text]
    assert "hunter2" not in "".join(told)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(settings: Settings, security: str, tmp_path: Path) -> None:
    context = make_certificate(tmp_path).for_server()
    with mail_server(login=LOGIN, **{security: context}) as server:
        secured = settings(server.port, security=security, user=LOGIN[0], password=LOGIN[1])
        assert failure_of(secured) == "the certificate is not trusted: self-signed certificate"
        assert server.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_with_a_trusted_certificate_the_mail_goes_through(
    settings: Settings, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with mail_server(login=LOGIN, **{security: certificate.for_server()}) as server:
        MailNotifier(settings(server.port, security=security, user=LOGIN[0], password=LOGIN[1])).send(message())
        assert len(server.mails) == 1


def test_a_server_without_tls_gets_no_password(settings: Settings) -> None:
    with mail_server(login=LOGIN) as server:
        reason = failure_of(settings(server.port, security="starttls", user=LOGIN[0], password=LOGIN[1]))
        assert reason.startswith("the server cannot do what the settings ask for: STARTTLS")
        assert server.mails == []


def test_one_of_two_recipients_refused_is_a_failure_that_says_how_many(server: MailServer, settings: Settings) -> None:
    server.refusals["gone@example.org"] = "550 5.1.1 No such user"
    both = settings(server.port, recipients=("ops@example.org", "gone@example.org"))
    assert failure_of(both) == "1 of 2 recipients refused: 550"
    assert server.recipients == [["ops@example.org"]]
    assert failure_of(settings(server.port, recipients=("gone@example.org",))) == "1 of 1 recipients refused: 550"


def test_a_refusal_is_told_by_its_code_and_not_in_the_words_of_the_server(
    server: MailServer, settings: Settings
) -> None:
    server.answer_to_data = "554 5.7.1 Spam: 3 in 5 minutes"
    assert failure_of(settings(server.port)) == "the server refused: 554 5.7.1"


def test_nobody_at_the_port_is_told(settings: Settings, unused_url: str) -> None:
    assert failure_of(settings(int(unused_url.rpartition(":")[2]))) == "connection refused"


@pytest.mark.parametrize("host", ["mail.invalid", "mail..example", "m" * 64])
def test_a_name_that_is_no_host_is_told(settings: Settings, host: str) -> None:
    assert failure_of(settings(587, host=host)) == "unknown host name"


def test_a_server_that_hangs_up_is_told(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hang_up = threading.Thread(target=lambda: listener.accept()[0].close())
        hang_up.start()
        assert failure_of(settings(listener.getsockname()[1])) == "the server hung up"
        hang_up.join()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_says_nothing_is_given_up_in_time(settings: Settings, security: str) -> None:
    with black_hole() as port:
        start = time.monotonic()
        assert failure_of(settings(port, security=security, timeout=0.5)) == "no answer in time"
        assert time.monotonic() - start < 3


def test_the_destination_is_the_same_with_a_new_password(settings: Settings) -> None:
    old, new, elsewhere = (
        MailNotifier(settings(port, user="alerts", password=password)).destination
        for port, password in ((587, "old-secret"), (587, "new-secret"), (25, "old-secret"))
    )
    assert old == new != elsewhere
    assert re.fullmatch(r"mail ops@example\.org #[0-9a-f]{8}", old)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipients": ()},
        {"recipients": ("ops@example.org\nBcc: all@example.org",)},
        {"recipients": ("Ops <ops@example.org>",)},
        {"sender": "alerts"},
        {"sender": "alerts@air.example>\r\nRCPT TO:<all@example.org"},
        {"user": "alerts"},
        {"password": "hunter2"},
        {"user": "alerts", "password": "hunter2é"},
        {"timeout": 0},
        {"security": "ssl"},
    ],
)
def test_settings_that_cannot_work_are_refused_without_the_password(
    settings: Settings, changes: dict[str, object]
) -> None:
    with pytest.raises(ValidationError) as refusal:
        settings(587, **changes)
    assert "hunter2" not in str(refusal.value)
