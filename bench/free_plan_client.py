"""One caller on one connection, each tweet another one, in a process of its own: what it takes is not the service's.

It is told what to do on its standard input, and says what came of it on its standard output, both as JSON.
"""

import http.client
import json
import sys
import time
from collections.abc import Sequence

HOST = "127.0.0.1"
START_SECONDS = 120.0
ASK_SECONDS = 0.02


def main() -> None:
    told = json.load(sys.stdin)
    texts, port, seconds, per_second = told["texts"], told["port"], told["seconds"], told["per_second"]
    began = time.monotonic()
    waits = ask_once(port, texts[0]) if seconds == 0 else ask_all(port, texts, seconds, per_second)
    took = time.monotonic() - began
    median = 1000 * sorted(waits)[len(waits) // 2]
    json.dump({"answers": len(waits), "seconds": took, "milliseconds": median}, sys.stdout)


def ask_once(port: int, text: str) -> list[float]:
    """Again and again, until there is somebody who answers."""
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            return ask_all(port, [text], 0, 0)
        except (OSError, http.client.HTTPException):
            if time.monotonic() > ends:
                raise
        time.sleep(ASK_SECONDS)


def ask_all(port: int, texts: Sequence[str], seconds: float, per_second: float) -> list[float]:
    """At this pace, or one after the other where it is 0. Raises where one is not answered with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    waits: list[float] = []
    began = time.monotonic()
    for number, text in enumerate(texts):
        if per_second:
            time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        if waits and time.monotonic() - began >= seconds:
            break
        asked = time.monotonic()
        body = json.dumps({"text": text}).encode()
        connection.request("POST", "/v1/predictions", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"answered with {answer.status}")
        waits.append(time.monotonic() - asked)
    connection.close()
    return waits


if __name__ == "__main__":
    main()
