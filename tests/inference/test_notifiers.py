"""Who is told about an alert: what apprise delivers, to real receivers on this machine, and what the settings build."""

import io
import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from inference.alerting.apprise_notifier import AppriseNotifier
from inference.alerting.failure import cleaned, pieces_of
from inference.alerting.harmless import inert, one_line, writable
from inference.alerting.mail import SmtpSettings
from inference.alerting.message import Message
from inference.alerting.notifiers import DeliveryFailed, build_notifiers
from tests.inference.receivers import Webhook, make_certificate, webhook

# Apprise looks for a module that Python drops in 3.13.
SECRET = "hunter2hunter2hunter2"
SLACK = "slack://T12345678/B12345678/abcdefghijklmnopqrstuvwx"
DISCORD = "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz"
WORKFLOW = "0123456789abcdef0123456789abcdef"
UNDERSTOOD = {
    SLACK: "slack",
    "https://hooks.slack.com/services/T12345678/B12345678/abcdefghijklmnopqrstuvwx": "slack",
    f"workflow://prod-12.westeurope.logic.azure.com:443/{WORKFLOW}/AbCdEf-0123": "workflow",
    f"https://prod-12.westeurope.logic.azure.com:443/workflows/{WORKFLOW}/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=AbCdEf-0123": "workflow",
    DISCORD: "discord",
    f"mailto://alerts:{SECRET}@example.org": "mailto",
    f"https://hooks.example.org/{SECRET}": "jsons://hooks.example.org",
}
HOSTILE = (
    "@everyone <!channel> <@U12345678> <at>boss</at> <users/all> @**all** [free](http://evil.example) "
    "![x](http://evil.example/x.png) [free][1] <http://evil.example|free> \\n :smile: &lt;!here&gt;\n[1]: http://evil.example"
)
# What the services act on, each in its own way, in the text that they get.
ACTED_ON = re.compile(r"@everyone|@\*|<[!@auh]|\]\(|\]\[|\]:", re.IGNORECASE)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


def message(subject: str = "Rejections", body: str = "3 in 5 minutes", severity: str = "warning") -> Message:
    return Message("0199-7abc", subject, body, severity)


def failure_of(url: str, told: Message | None = None, patience_seconds: float = 5) -> str:
    with pytest.raises(DeliveryFailed) as failure:
        AppriseNotifier(url, patience_seconds).send(told or message())
    return str(failure.value)


@pytest.mark.parametrize(("severity", "kind"), [("info", "info"), ("warning", "warning"), ("critical", "failure")])
def test_a_webhook_gets_the_message_whole_and_can_drop_repeats(hook: Webhook, severity: str, kind: str) -> None:
    subject, body = "Zürich 😀 {x} \\n <b>", HOSTILE + "\n.\n\n" + "é" * 40_000 + "\n%s {{app_body}} 日本語"
    notifier = AppriseNotifier(f"json://{hook.address}/alerts?:team=ops")
    for _ in range(2):
        notifier.send(message(subject, body, severity))
    first, second = hook.bodies
    assert first == second
    assert (first["title"], first["message"]) == (subject, body)
    assert (first["message_id"], first["severity"], first["type"]) == ("0199-7abc", severity, kind)
    assert first["team"] == "ops"


def test_nobody_at_the_port_is_told(unused_url: str) -> None:
    assert failure_of(unused_url.replace("http", "json")) == "connection refused"


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_an_answer_that_is_not_yes_is_a_failure_with_its_code(hook: Webhook, status: int) -> None:
    hook.status = status
    assert f"error={status}" in failure_of(f"json://{hook.address}/")


def test_a_page_to_log_in_at_does_not_pass_for_the_receiver(hook: Webhook) -> None:
    hook.status = 302
    assert requests.post(f"http://{hook.address}/", json={}, timeout=5).ok
    assert "error=302" in failure_of(f"json://{hook.address}/")


@pytest.mark.parametrize("query", ["rto=0.5", "rto=60", "rto=0.3&retry=5&wait=9"])
def test_a_receiver_that_says_nothing_is_given_up_in_time(hook: Webhook, query: str) -> None:
    hook.status = None
    start = time.monotonic()
    assert failure_of(f"json://{hook.address}/?{query}", patience_seconds=1.5) == "no answer in time"
    assert time.monotonic() - start < 3


def test_a_url_cannot_make_a_failure_pass_for_a_delivery(hook: Webhook) -> None:
    hook.status = 500
    assert "error=500" in failure_of(f"json://{hook.address}/?optional=yes")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with webhook(make_certificate(tmp_path).for_server()) as hook:
        assert failure_of(f"jsons://{hook.address}/") == "the certificate is not trusted"
        assert hook.bodies == []


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What reaches the log of the service: pytest's own capture also reads loggers that hand nothing on."""
    handler = logging.StreamHandler(written := io.StringIO())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_no_secret_and_no_text_is_in_what_is_kept(hook: Webhook, log: io.StringIO) -> None:
    hook.status = 403
    url = f"json://{SECRET}:{SECRET}@{hook.address}/{SECRET}?+key={SECRET}&-token={SECRET}"
    notifier = AppriseNotifier(url)
    with pytest.raises(DeliveryFailed) as failure:
        notifier.send(message(f"JSON notification {SECRET}", "POST\n"))
    reason = str(failure.value)
    assert "error=403" in reason
    assert "POST" not in reason
    with pytest.raises(ValueError, match=r"^alert URL 1: ") as refusal:
        build_notifiers([f"slack://{SECRET}"], None)
    told = [reason, repr(failure.value), str(refusal.value), repr(notifier), notifier.destination, log.getvalue()]
    assert SECRET not in "".join(told)


def test_a_reason_is_short_and_has_stars_for_whatever_may_be_a_key() -> None:
    url = "slack://bot@xoxb-1234/AbCd%2F99/#general?token=s3cr3t&rto=1"
    said = (
        'Slack: XOXB-1234, AbCd/99, s3cr3t, "#general", https://u:p@host/x\nand abcdefghijklmnopqrstuvwxyz0 '
        + "no " * 99
    )
    reason = cleaned(said, pieces_of(url))
    assert reason.startswith('Slack: ***, ***, ***, "#***", *** and *** no no')
    assert len(reason) == 200


@pytest.mark.parametrize("service", [SLACK, f"{SLACK}?format=markdown", DISCORD, f"{DISCORD}?format=markdown", "mmost"])
def test_what_strangers_wrote_is_only_shown(hook: Webhook, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apprise.plugins.slack.NotifySlack.webhook_url", f"http://{hook.address}")
    monkeypatch.setattr("apprise.plugins.discord.NotifyDiscord.notify_url", f"http://{hook.address}")
    url = f"mmost://{hook.address}/abcdefghijklmnopqrstuvwxyz" if service == "mmost" else service
    AppriseNotifier(url).send(message(HOSTILE, HOSTILE))
    [body] = hook.bodies
    sent = json.dumps(body, ensure_ascii=False)
    assert "allow_mentions" not in sent
    assert not ACTED_ON.search(sent)
    # A reader still sees the words, and the address behind them.
    for word in ("everyone", "boss", "evil", "smile"):
        assert word in sent


def test_teams_gets_a_card_that_mentions_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.path))
    with webhook(certificate.for_server()) as hook:
        AppriseNotifier(f"workflow://{hook.address}/{WORKFLOW}/AbCdEf").send(message(HOSTILE, HOSTILE))
        [body] = hook.bodies
    [attachment] = body["attachments"]
    assert attachment["content"]["msteams"] == {"width": "full"}
    assert [block["type"] for block in attachment["content"]["body"]] == ["TextBlock", "TextBlock"]
    assert not ACTED_ON.search(json.dumps(body, ensure_ascii=False))


def test_apprise_alone_would_let_strangers_call_everybody(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.alerting.apprise_notifier.inert", lambda text: text)
    AppriseNotifier(f"mmost://{hook.address}/abcdefghijklmnopqrstuvwxyz").send(message(body=HOSTILE))
    assert "@everyone <!channel>" in str(hook.bodies[0]["text"])


@pytest.mark.parametrize(
    "text",
    ["late @AirParadis", "@all", "a@here", "<@1>", "<#1>", "<!x>", "<a b>", "[x](y)", "[x][y]", "[x]: y", "@*a*"],
)
def test_marks_that_chats_act_on_are_broken_up_and_look_the_same(text: str) -> None:
    broken = inert(text)
    assert broken != text
    assert broken.replace("\u200b", "") == text
    assert inert(broken) == broken


@pytest.mark.parametrize(
    "text", ["", "3 < 4 @ 5", "a [b] (c)", "été 😀\n\n  deeper\t\\n :smile: *x* _y_ `z` 100 %", "a\u200fb"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == writable(text) == text


def test_what_no_document_takes_is_left_out() -> None:
    assert writable("a\x00\x1bb\u202ec\ud83d\r\nd\x85e\x7f\u2028f") == "abc\nd\ne\nf"
    assert one_line(" a\r\nBcc: b\x0b\u2029c ") == "a Bcc: b c"


def test_a_long_message_to_a_chat_comes_in_several(hook: Webhook) -> None:
    body = "\n".join(f"line {number}" for number in range(1000))
    AppriseNotifier(f"mmost://{hook.address}/abcdefghijklmnopqrstuvwxyz").send(message(body=body))
    assert len(hook.bodies) > 1
    got = "\n".join(str(part["text"]) for part in hook.bodies)
    assert re.findall(r"line \d+", got) == body.splitlines()


@pytest.mark.parametrize(("url", "label"), UNDERSTOOD.items())
def test_services_are_understood_without_any_network(url: str, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", None)
    monkeypatch.setattr("socket.getaddrinfo", None)
    [notifier] = build_notifiers([url], None)
    assert re.fullmatch(rf"{label} #[0-9a-f]{{8}}", notifier.destination)


def test_destinations_are_stable_distinct_and_without_secrets() -> None:
    urls = [f"json://user:{SECRET}@localhost:9000/one", f"json://user:{SECRET}@localhost:9000/two", SLACK]
    destinations = [notifier.destination for notifier in build_notifiers(urls, None)]
    assert destinations == ["json://localhost:9000 #91e95b1f", "json://localhost:9000 #be6cefc7", "slack #5be95f91"]


def test_each_receiver_is_told_once_and_each_recipient_by_itself() -> None:
    recipients = ("ops@example.org", "crm@example.org", "ops@example.org")
    smtp = SmtpSettings(host="localhost", sender="alerts@air.example", recipients=recipients)
    notifiers = build_notifiers([SLACK, DISCORD, f" {SLACK} "], smtp)
    labels = [notifier.destination.rpartition(" #")[0] for notifier in notifiers]
    assert labels == ["slack", "discord", "mail ops@example.org", "mail crm@example.org"]


@pytest.mark.parametrize(
    "url",
    ["", "secret", "ftp://example.org/secret", "file:///secret", "slack://secret", "json://[secret", "syslog://secret",
     "dbus://secret", "gnome://secret", "macosx://secret", "windows://secret"],
)  # fmt: skip
def test_a_url_that_reaches_nobody_is_named_by_its_place(url: str) -> None:
    with pytest.raises(ValueError, match=r"^alert URL 2: ") as refusal:
        build_notifiers([SLACK, url], None)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_nothing_is_written_to_the_disk(hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    AppriseNotifier(f"mmost://{hook.address}/abcdefghijklmnopqrstuvwxyz").send(message())
    assert list(tmp_path.rglob("*")) == []


def test_who_is_told_by_mail_alone_does_not_pay_for_apprise() -> None:
    program = """
import sys
from inference.alerting.notifiers import SmtpSettings, build_notifiers
build_notifiers([], SmtpSettings(host="localhost", sender="a@b.example", recipients=("c@d.example",)))
print("apprise" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
