"""Answers that are ready in one turn of the event loop, sent together at its end.

To send wakes up whoever waits for it, which costs the sender as much as the sending. Sent one right after the other,
most answers find their reader awake. And rows of the prediction log are on the disk by then (`PredictionLog.add`).
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
