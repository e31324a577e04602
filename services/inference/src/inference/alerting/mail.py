"""Mail over SMTP, one message a recipient."""

import hashlib
import re
import smtplib
import socket
import ssl
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Annotated, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from inference.alerting.failure import DeliveryFailed
from inference.alerting.harmless import one_line, writable
from inference.alerting.message import Message

# The form that every server takes: ASCII, and without a name beside it (RFC 5321).
Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$", max_length=254)]

# Sent in ASCII, which every server takes, in lines of a length at which encoded words end in time (RFC 2047).
POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)


class SmtpSettings(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    # None where the server takes mail without a login.
    user: str | None = None
    password: SecretStr | None = None
    sender: Address
    recipients: tuple[Address, ...] = Field(min_length=1)
    # "none" is for a server on the same machine or network: whoever listens reads the password too.
    security: Literal["starttls", "tls", "none"] = "starttls"
    # Seconds for the connection, and for each answer.
    timeout: float = Field(default=10.0, gt=0, le=60, allow_inf_nan=False)

    @model_validator(mode="after")
    def check_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        secret = self.password.get_secret_value() if self.password else ""
        if not f"{self.user}{secret}".isascii():
            raise ValueError("user and password can only be sent in ASCII")
        return self

    def to_one(self, recipient: str) -> Self:
        return self.model_copy(update={"recipients": (recipient,)})


class MailNotifier:
    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        # Not of the password: with a new one, it is still the same receiver.
        place = (settings.host, str(settings.port), settings.user or "", settings.sender, *settings.recipients)
        digest = hashlib.sha256("\n".join(place).encode()).hexdigest()[:8]
        self.destination = f"mail {', '.join(settings.recipients)} #{digest}"

    def send(self, message: Message) -> None:
        mail = write_mail(message, self._settings)
        try:
            with closing(connect(self._settings)) as server:
                refused = self._hand_over(server, mail)
                # It has been taken: whatever happens now, it is not to be sent again.
                with suppress(OSError):
                    server.quit()
        # The last is how Python finds that a name can be no host.
        except (OSError, UnicodeError) as error:
            raise DeliveryFailed(reason_of(error)) from None
        if refused:
            codes = ", ".join(sorted({str(code) for code, _ in refused.values()}))
            raise DeliveryFailed(f"{len(refused)} of {len(self._settings.recipients)} recipients refused: {codes}")

    def _hand_over(self, server: smtplib.SMTP, mail: EmailMessage) -> dict[str, tuple[int, bytes]]:
        """The recipients that the server refused, some or all, each with the server's code and its words."""
        try:
            # Not send_message, which would turn a line that begins with From into one that begins with >From.
            return server.sendmail(self._settings.sender, self._settings.recipients, mail.as_bytes())
        except smtplib.SMTPRecipientsRefused as refusal:
            return refusal.recipients


def write_mail(message: Message, settings: SmtpSettings) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = one_line(message.subject)
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = f"<{quote(message.message_id, safe='')}@{settings.sender.rpartition('@')[2]}>"
    # No answer comes back from whoever is on holiday (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    if message.severity == "critical":
        mail["X-Priority"] = "1"
        mail["Importance"] = "high"
    mail.set_content(writable(message.body))
    return mail


def connect(settings: SmtpSettings) -> smtplib.SMTP:
    """A server that has let us in. Raises OSError, of which smtplib's errors are a kind, and UnicodeError."""
    server = open_connection(settings)
    try:
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user is not None and settings.password is not None:
            server.login(settings.user, settings.password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def open_connection(settings: SmtpSettings) -> smtplib.SMTP:
    if settings.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)


def reason_of(error: OSError | UnicodeError) -> str:
    """Codes, and words of ours: a server's may repeat the message or the login."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the login was refused: {code_of(error)}"
        case smtplib.SMTPSenderRefused():
            return f"the sender was refused: {code_of(error)}"
        case smtplib.SMTPResponseException():
            return f"the server refused: {code_of(error)}"
        case smtplib.SMTPServerDisconnected() | TimeoutError():
            return "no answer in time" if "timed out" in str(error) else "the server hung up"
        case smtplib.SMTPException():
            return f"the server cannot do what the settings ask for: {error}"
        case ssl.SSLCertVerificationError():
            return f"the certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return "the connection could not be made secure"
        case socket.gaierror() | UnicodeError():
            return "unknown host name"
        case ConnectionRefusedError():
            return "connection refused"
    return f"no connection: {error.strerror}"


def code_of(error: smtplib.SMTPResponseException) -> str:
    """550 5.1.1, where the server gave the second too (RFC 3463)."""
    said = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
    detail = re.match(rb"[245]\.\d{1,3}\.\d{1,3}\b", said)
    return f"{error.smtp_code} {detail[0].decode()}" if detail else str(error.smtp_code)
