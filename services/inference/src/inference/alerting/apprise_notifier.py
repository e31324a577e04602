"""A receiver behind an apprise URL: chats, pagers, webhooks and some hundred other services.

What a URL may say, service by service: https://appriseit.com/services/. The import takes a fifth of a second, and
the first URL half a second more, in which apprise reads all its services.
"""

import hashlib
import logging
import re
from collections.abc import Iterable
from typing import cast

from apprise import Apprise, AppriseAsset, AppriseResult, NotifyBase, NotifyFormat, NotifyType
from apprise.common import PersistentStoreMode
from apprise.logger import LOGGER_NAME, NotifyLogEntry
from apprise.plugins import url_to_dict

from inference.alerting.failure import DeliveryFailed, cleaned, pieces_of
from inference.alerting.harmless import inert, one_line, writable
from inference.alerting.message import Message

# The four seconds each that apprise gives a connection and an answer.
PATIENCE_SECONDS = 8.0

TYPES = {"info": NotifyType.INFO, "warning": NotifyType.WARNING, "critical": NotifyType.FAILURE}

# Read by programs: they get the text as it is, with the id by which they can drop repeats.
FOR_PROGRAMS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})

# They speak to the screen, the log or a lamp of the machine itself, where a message is lost and counts as delivered;
# macosx starts a program for it.
ON_THIS_MACHINE = frozenset({"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})

# What apprise reports of a failed connection holds the address, and with many services the address is the secret.
KNOWN_CAUSES = {
    "timed out": "no answer in time",
    "connection refused": "connection refused",
    "certificate verify failed": "the certificate is not trusted",
    "failed to resolve|name or service not known|getaddrinfo": "unknown host name",
    "connection aborted|connection reset|remote end closed": "the connection was closed",
}


class AppriseNotifier:
    def __init__(self, url: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Reaches nothing. Raises ValueError, without a part of the URL, where apprise cannot send to it."""
        capture_log()
        self._asset = build_asset(patience_seconds)
        self._settings = read_url(url)
        self._secrets = pieces_of(url)
        self._is_for_programs = self._settings["schema"] in FOR_PROGRAMS
        self._service = build_service(self._settings, self._asset)
        self.destination = f"{self._label()} #{hashlib.sha256(url.encode()).hexdigest()[:8]}"

    def send(self, message: Message) -> None:
        subject, body = one_line(message.subject), writable(message.body)
        if not self._is_for_programs:
            subject, body = inert(subject), inert(body)
        sender = Apprise(asset=self._asset)
        sender.add(self._service_for(message))
        result = sender.notify(
            title=subject,
            body=body,
            notify_type=TYPES[message.severity],
            body_format=NotifyFormat.TEXT.value,
            log_level=logging.DEBUG,
        )
        if not result:
            raise DeliveryFailed(reason_in(result, self._secrets.union([subject], body.splitlines())))

    def _service_for(self, message: Message) -> NotifyBase:
        if not self._is_for_programs:
            return self._service
        fields = {"message_id": message.message_id, "severity": message.severity}
        of_the_url = cast(dict[str, str], self._settings["payload"])
        return build_service(self._settings | {"payload": of_the_url | fields}, self._asset)

    def _label(self) -> str:
        schema = str(self._settings["schema"])
        if not self._is_for_programs:
            return schema
        port = f":{self._settings['port']}" if self._settings.get("port") else ""
        return f"{schema}://{self._settings['host']}{port}"


def capture_log() -> None:
    """Apprise's log stays with the results: it names hosts, tokens and texts, in warnings too."""
    log = logging.getLogger(LOGGER_NAME)
    log.propagate = False
    # The causes of failed connections are told at this level only.
    log.setLevel(logging.DEBUG)
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def build_asset(patience_seconds: float) -> AppriseAsset:
    return AppriseAsset(
        app_id="Air Paradis",
        app_desc="Air Paradis alerts",
        # Nothing is written to the disk: tokens of sessions, caches, keys.
        storage_mode=PersistentStoreMode.MEMORY,
        pgp_autogen=False,
        pem_autogen=False,
        # The pictures lie on a host of others, which would see who reads the alert.
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        interpret_emojis=False,
        # A page to log in at answers 200, and would pass for the receiver.
        http_redirects=False,
        async_mode=False,
        service_timeout=patience_seconds,
    )


def read_url(url: str) -> dict[str, object]:
    try:
        settings: dict[str, object] | None = url_to_dict(url)  # type: ignore[no-untyped-call]
    # Each of a hundred services reads it in its own way, and quotes in its own errors what it does not like.
    except Exception:
        settings = None
    if settings is None and url.startswith(("http://", "https://")):
        # Of no service that it knows: a webhook of one's own.
        return read_url(f"json{url.removeprefix('http')}")
    if settings is None:
        raise ValueError("apprise knows no service by it")
    if settings["schema"] in ON_THIS_MACHINE:
        raise ValueError(f"{settings['schema']}:// reaches only the machine that the service runs on")
    # Told to be optional, what failed would count as delivered.
    settings["optional"] = False
    # A long text comes in several messages, unless the URL says otherwise; programs would drop the second as a repeat.
    is_for_programs = settings["schema"] in FOR_PROGRAMS
    settings["overflow"] = "upstream" if is_for_programs else settings.get("overflow", "split")
    return settings


def build_service(settings: dict[str, object], asset: AppriseAsset) -> NotifyBase:
    try:
        # Apprise writes into what it is given.
        service = Apprise.instantiate(dict(settings), asset=asset, suppress_exceptions=False)
    except Exception:
        service = None
    if service is None:
        raise ValueError("apprise refuses it: a part is missing or malformed")
    return service


def reason_in(result: AppriseResult, secrets: Iterable[str]) -> str:
    entries: list[NotifyLogEntry] = [entry for service in result.results for entry in service.logs()]
    for entry in entries:
        if cause := known_cause(entry.message):
            return cause
    warnings = [entry.message for entry in entries if entry.level in ("WARNING", "ERROR")]
    return cleaned(warnings[-1], secrets) if warnings else "refused"


def known_cause(line: str) -> str | None:
    if re.fullmatch(r"Service '.*' did not finish within [\d.]+s\.", line):
        return "no answer in time"
    # What the socket said stands behind such a word; other lines may hold the text of the message.
    if re.match(r"[\w ]*exception: ", line, re.IGNORECASE):
        return next((cause for said, cause in KNOWN_CAUSES.items() if re.search(said, line, re.IGNORECASE)), None)
    return None
