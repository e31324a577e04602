"""A service of a few lines that the driver is pointed at: what it does to each request is said by the test."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bench.wire import Address

# The number of the request, from 0, to the bytes of its answer; None breaks the connection.
Behaviour = Callable[[int], Awaitable[bytes | None]]
Serve = Callable[[Behaviour], AbstractAsyncContextManager["TinyService"]]


@dataclass
class TinyService:
    address: Address = Address("127.0.0.1", 0)
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    health_checks: int = 0


def answer_of(status: int, body: bytes = b"{}", head: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), head, body)


@pytest.fixture
def serve() -> Serve:
    return running_service


@asynccontextmanager
async def running_service(behave: Behaviour) -> AsyncIterator[TinyService]:
    service = TinyService()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        service.connections += 1
        try:
            await answer_requests(service, behave, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the driver hung up
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    service.address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield service
    finally:
        server.close()
        # What is being answered ends with the connections, which the driver has closed.
        await asyncio.sleep(0.05)


async def answer_requests(
    service: TinyService, behave: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if head.startswith(b"GET /health/live "):
            service.health_checks += 1
            answer: bytes | None = answer_of(200)
        else:
            service.requests.append(body)
            answer = await behave(len(service.requests) - 1)
        if answer is None:
            return
        writer.write(answer)
        await writer.drain()
        if b"connection: close" in answer.lower():
            return


@pytest.fixture
def answer() -> Callable[..., bytes]:
    return answer_of
