"""Answers of one turn of the event loop, sent together.

To send wakes up whoever waits for it, which costs the sender as much as the sending. Sent one right after the other,
most find their reader awake. It is for a crowd: a single caller would wait for the others' answers to be made.
"""

import asyncio


class Outbox:
    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def post(self, transport: asyncio.Transport, answer: bytes) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.send)
        self._waiting.append((transport, answer))

    def send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport, answer in waiting:
            if not transport.is_closing():
                transport.write(answer)
