"""What surrounds a container on Azure: the endpoint that gives tokens of its identity, and the way to Azure's names."""

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"


def token(resource: str) -> str:
    """As Entra writes it; the signature is nobody's."""
    now = int(time.time())
    claims = {"aud": resource, "iss": "https://sts.windows.net/of-a-test/", "iat": now, "nbf": now - 60}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims | {"exp": now + 3600}, "nobody's")
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts)


@dataclass
class Identity:
    """Answers as the endpoint in a container of Container Apps does, to whoever has the header."""

    header: str
    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        """What Container Apps tell a container that has an identity."""
        return {"IDENTITY_ENDPOINT": f"http://{HOST}:{self.port}/msi/token", "IDENTITY_HEADER": self.header}


@contextmanager
def identity_endpoint() -> Iterator[Identity]:
    identity = Identity(header="only in this container")

    class Handler(Quiet):
        def do_GET(self) -> None:
            question = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            identity.asked.append(question)
            if self.headers["X-IDENTITY-HEADER"] != identity.header:
                self.send_error(HTTPStatus.UNAUTHORIZED)
                return
            answer = {"access_token": token(question["resource"]), "token_type": "Bearer"}
            rest = {"expires_on": str(int(time.time()) + 3600), "resource": question["resource"]}
            body = json.dumps(answer | rest | {"client_id": question["client_id"]}).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with served(ThreadingHTTPServer((HOST, 0), Handler)) as port:
        identity.port = port
        yield identity


@dataclass
class Way:
    port: int = 0
    wanted: set[str] = field(default_factory=set)


@contextmanager
def way_to(names: dict[str, int]) -> Iterator[Way]:
    """A proxy that knows these names alone, host:port, and for each the port of this machine that it leads to."""
    way = Way()

    class Handler(Quiet):
        def do_CONNECT(self) -> None:
            way.wanted.add(self.path)
            if self.path not in names:
                self.send_error(HTTPStatus.FORBIDDEN)
                return
            self.close_connection = True
            with socket.create_connection((HOST, names[self.path])) as there:
                self.send_response(HTTPStatus.OK)
                self.end_headers()
                back = threading.Thread(target=pass_on, args=(there, self.connection))
                back.start()
                pass_on(self.connection, there)
                back.join()

    with served(ThreadingHTTPServer((HOST, 0), Handler)) as port:
        way.port = port
        yield way


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Until one of them is closed."""
    try:
        while block := one.recv(65536):
            other.sendall(block)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        # The other side is gone already.
        return


class Quiet(BaseHTTPRequestHandler):
    # Nothing is read ahead: what follows the request line of CONNECT is not ours.
    rbufsize = 0

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def served(server: BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
