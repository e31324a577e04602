"""Clients that keep a connection busy with next to nothing, and how long they are let: a process of its own, so that
they do not slow down the driver whose latency they are to spoil.

python tests/stack/slow_clients.py PORT HOW_MANY_OF_EACH SECONDS

Prints for each kind how many seconds each connection lived; one that outlived them all is null.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

# A route that nobody else asks while these do: the service would name it in its log.
HEAD = b"POST /v1/feedback HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
LONG = b"content-length: 300\r\n\r\n"


@dataclass(frozen=True)
class Slow:
    first: bytes
    each_second: bytes = b""


KINDS = {
    "idle": Slow(b""),
    "half a header": Slow(HEAD),
    "half a body": Slow(HEAD + LONG + b'{"verdict":'),
    "a header byte a second": Slow(HEAD + b"x-slow: ", b"a"),
    "a body byte a second": Slow(HEAD + LONG + b"{", b" "),
    "a chunk a second": Slow(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


async def live(kind: Slow, port: int, limit: float) -> float | None:
    started = perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(kind.first)
    dripping = asyncio.create_task(drip(writer, kind.each_second)) if kind.each_second else None
    try:
        async with asyncio.timeout(limit):
            # An answer is not yet the end.
            with suppress(ConnectionError):
                while await reader.read(4096):
                    pass
        return perf_counter() - started
    except TimeoutError:
        return None
    finally:
        if dripping is not None:
            dripping.cancel()
        writer.close()


async def drip(writer: asyncio.StreamWriter, part: bytes) -> None:
    with suppress(ConnectionError):
        while True:
            await asyncio.sleep(1)
            writer.write(part)
            await writer.drain()


async def live_all(port: int, each: int, limit: float) -> dict[str, list[float | None]]:
    async with asyncio.TaskGroup() as group:
        tasks: dict[str, list[asyncio.Task[float | None]]] = {name: [] for name in KINDS}
        for _ in range(each):
            for name, kind in KINDS.items():
                tasks[name].append(group.create_task(live(kind, port, limit)))
            # A thousand at one moment would be another test.
            await asyncio.sleep(0.005)
    return {name: [task.result() for task in of_kind] for name, of_kind in tasks.items()}


if __name__ == "__main__":
    port, each, limit = sys.argv[1:]
    json.dump(asyncio.run(live_all(int(port), int(each), float(limit))), sys.stdout)
