"""Those who are told about alerts, in small and on this machine: a mail server, a webhook, one that says nothing."""

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass
class MailServer:
    """What it took, and what it is to refuse: recipients by address, all mail by an answer to DATA."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    # As they came over the line, without the dots that only the line needs.
    contents: list[bytes] = field(default_factory=list)
    # The recipients of each mail as the server was told them, whatever the headers say.
    recipients: list[list[str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    answer_to_data: str = "250 OK"
    # Name and password; None lets everybody in.
    login: tuple[str, str] | None = None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_to_data.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.contents.append(envelope.content)
            mail = BytesParser(policy=default).parsebytes(envelope.content)
            assert isinstance(mail, EmailMessage)
            self.recipients.append(list(envelope.rcpt_tos))
            self.mails.append(mail)
        return self.answer_to_data

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=(given.login.decode(), given.password.decode()) == self.login, handled=False)


class OnOneSocket(Controller):
    """Bound before it starts, so that nobody else can take the port in between."""

    def __init__(self, listener: socket.socket, handler: MailServer, **options: object) -> None:
        super().__init__(handler, hostname=HOST, port=handler.port, **options)
        self._listener = listener

    def _create_server(self) -> object:
        return self.loop.create_server(self._factory_invoker, sock=self._listener, ssl=self.ssl_context)


@contextmanager
def mail_server(
    *, login: tuple[str, str] | None = None, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[MailServer]:
    """A login is offered with and without TLS."""
    listener = socket.create_server((HOST, 0))
    server = MailServer(port=listener.getsockname()[1], login=login)
    options: dict[str, object] = {"tls_context": starttls} if starttls else {}
    if login is not None:
        options |= {"authenticator": server.authenticate, "auth_require_tls": False}
    controller = OnOneSocket(listener, server, ssl_context=tls, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass
class Webhook:
    """What it took; `status` is what it answers from now on, and None lets callers wait until it closes.

    A redirect leads to a page that says that all is well.
    """

    port: int
    bodies: list[dict[str, object]] = field(default_factory=list)
    status: int | None = 200
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"


@contextmanager
def webhook(tls: ssl.SSLContext | None = None) -> Iterator[Webhook]:
    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if receiver.status is None:
                receiver.closing.wait()
                return
            if 200 <= receiver.status < 300:
                receiver.bodies.append(body)
            self.answer(receiver.status)

        def do_GET(self) -> None:
            self.answer(200)

        def answer(self, status: int) -> None:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/login")
            self.send_header("Content-Length", "2")
            self.end_headers()
            # The word that Slack says, and that its callers wait for.
            self.wfile.write(b"ok")

        def log_message(self, format: str, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer((HOST, 0), Receive)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver = Webhook(port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def black_hole() -> Iterator[int]:
    """The port of one that takes connections, and never says a word."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@dataclass(frozen=True)
class Certificate:
    """Signed by itself, for this machine: trusted by whoever is told to trust this very file."""

    path: Path

    def for_server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


def make_certificate(folder: Path, host: str | None = None) -> Certificate:
    """For this machine's address, and for that name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver of a test")])
    names: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(HOST)),
        *([x509.DNSName(host)] if host else []),
    ]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "receiver.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return Certificate(path)
