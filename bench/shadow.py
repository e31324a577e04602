"""What a challenger in shadow costs callers: next to nothing, it should be.

    python -m bench.shadow                             # one that is as heavy as the champion
    python -m bench.shadow --challenger var/bundles/bert

The service with and without a challenger, in turn and several times, both with a registry to ask.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import requests

from bench.closed_loop import WARM_UP_SECONDS, ClosedLoop, closed_loop
from bench.core import DRIVER_CORE, allow_connections, drive, pin
from bench.measuring import PAUSE_SECONDS, WARM_UP_CLIENTS, begin_later, requests_of
from bench.peers import catalogue
from bench.peers.peer import Launch, Peer, PeerFailed
from bench.running import running
from bench.texts import CHAMPION, new_tweets
from bench.weight import family_of, processes
from bench.wire import Address

CLIENTS = (1, 16, 64)
SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    loops: Sequence[ClosedLoop]  # in the order of CLIENTS
    cpu_microseconds: float  # of the service, for one answer: what a busy machine changes least
    compared: int
    dropped: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.shadow", description="What a challenger costs callers.")
    parser.add_argument("--rounds", type=int, default=5, help="both are started and measured so often")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each window is")
    parser.add_argument("--share", type=float, default=SHARE, help="of the tweets that the challenger scores too")
    parser.add_argument("--challenger", type=Path, help="its bundle; without one, the champion under another name")
    given = parser.parse_args()
    pin(DRIVER_CORE)
    allow_connections()
    rounds: list[dict[bool, Measured]] = []
    try:
        with TemporaryDirectory() as folder:
            challenger = given.challenger or rename(CHAMPION, Path(folder))
            for number in range(given.rounds):
                sys.stderr.write(f"round {number + 1} of {given.rounds}\n")
                # Every other round backwards: what is compared is measured one after the other.
                order = (False, True)[:: -1 if number % 2 else 1]
                rounds.append({each: measure(challenger if each else None, given) for each in order})
    except PeerFailed as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1
    sys.stdout.write(report(rounds))
    return 0


def rename(bundle: Path, folder: Path) -> Path:
    """The same model under another digest."""
    shutil.copytree(bundle, folder / "challenger")
    path = folder / "challenger" / "model.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(description | {"name": "challenger"}), encoding="utf-8")
    return folder / "challenger"


def measure(challenger: Path | None, given: argparse.Namespace) -> Measured:
    """PeerFailed where the service does not start, or does not follow the challenger."""
    with registry(challenger) as url, running(api_beside(url, given.share)) as server:
        singles = requests_of(catalogue.SINGLE, server.address, new_tweets(), 1)

        def window(place: int, connections: int, seconds: float) -> ClosedLoop:
            time.sleep(PAUSE_SECONDS)
            return drive(
                closed_loop(server.address, begin_later(singles, place), connections=connections, seconds=seconds)
            )

        # The challenger is in memory by then.
        window(0, WARM_UP_CLIENTS, 3.0)
        before = cpu_seconds(server.process)
        loops = [window(place, connections, given.seconds) for place, connections in enumerate(CLIENTS, 1)]
        used = cpu_seconds(server.process) - before
        time.sleep(2.0)
        pairs = requests.get(f"{server.address.url}/v1/shadow", timeout=10).json()["items"]
    if (challenger is not None) != bool(pairs):
        raise PeerFailed("it did not follow the challenger" if challenger else "it has a challenger from somewhere")
    # Those of the moments before a window too, in which connections warm up.
    answers = sum(each.latency.answers * (1 + WARM_UP_SECONDS / given.seconds) for each in loops)
    return Measured(
        loops, 1e6 * used / answers, sum(each["compared"] for each in pairs), sum(each["dropped"] for each in pairs)
    )


def cpu_seconds(master: int) -> float:
    """Of the service and its workers, as Linux counts it."""
    ticks = 0
    for process in family_of(master, processes()):
        # What stands behind the name, which may hold blanks; the 14th and 15th of all are the times.
        fields = Path(f"/proc/{process.number}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def api_beside(url: str, share: float) -> Peer:
    peer = catalogue.api("champion", CHAMPION)

    def launch(folder: Path, address: Address) -> Launch:
        before = peer.launch(folder, address)
        variables = {"INFERENCE_MLFLOW_URL": url, "INFERENCE_SHADOW_SHARE": str(share)}
        return replace(before, environment={**before.environment, **variables})

    return replace(peer, launch=launch)


@contextmanager
def registry(challenger: Path | None) -> Iterator[str]:
    """As much of MLflow as the service asks for: an alias, and the files behind it. There is no champion."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, content = 404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}'
            if challenger is not None and "path" in query:
                status, content = 200, (challenger / Path(query["path"]).name).read_bytes()
            elif challenger is not None and query.get("alias") == "challenger":
                digest = sha256((challenger / "model.json").read_bytes()).hexdigest()
                found = {"version": "2", "run_id": "", "source": "", "tags": [{"key": "digest", "value": digest}]}
                status, content = 200, json.dumps({"model_version": found}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def report(rounds: Sequence[dict[bool, Measured]]) -> str:
    lines = ["clients   without    beside     ratio   p50 ms without, beside   p99 ms without, beside"]
    for place, clients in enumerate(CLIENTS):
        without, beside = ([each[which].loops[place] for each in rounds] for which in (False, True))
        rate, rate_beside = (statistics.median(each.requests_per_second for each in some) for some in (without, beside))
        ratio = statistics.median(
            ours.requests_per_second / theirs.requests_per_second for ours, theirs in zip(beside, without, strict=True)
        )
        middles = [statistics.median(each.latency.p50_ms for each in some) for some in (without, beside)]
        ends = [statistics.median(each.latency.p99_ms for each in some) for some in (without, beside)]
        lines.append(
            f"{clients:7}   {rate:7,.0f}   {rate_beside:7,.0f}   {ratio:7.3f}"
            f"   {middles[0]:14.2f}, {middles[1]:6.2f}   {ends[0]:14.2f}, {ends[1]:6.2f}"
        )
    compared, dropped = (sum(getattr(each[True], name) for each in rounds) for name in ("compared", "dropped"))
    cpu = [statistics.median(each[which].cpu_microseconds for each in rounds) for which in (False, True)]
    lines.append(
        f"processor time for one answer: {cpu[0]:.0f} µs without, {cpu[1]:.0f} µs beside, {cpu[0] / cpu[1]:.3f}"
    )
    return "\n".join([*lines, f"compared {compared:,}, dropped {dropped:,}", ""])


if __name__ == "__main__":
    sys.exit(main())
