"""One start of the service, with or without an endpoint for its telemetry: how long callers wait for it."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from pathlib import Path

import requests

from bench.closed_loop import WARM_UP_SECONDS, ClosedLoop, closed_loop
from bench.core import drive
from bench.ingestion import ingestion
from bench.measuring import PAUSE_SECONDS, WARM_UP_CLIENTS, begin_later, requests_of
from bench.peers import catalogue
from bench.peers.answers import ask, list_of, part_of
from bench.peers.peer import Launch, Peer, PeerFailed
from bench.running import running
from bench.texts import CHAMPION, new_tweets
from bench.wire import Address, post_request

CLIENTS = (1, 16)
BATCH_TEXTS = 256
# More rejections than one client can have acknowledged: each is of a prediction of its own.
REJECTIONS_A_SECOND = 2_000
# Rejections leave within a second; a few may be on their way.
LEAVE_SECONDS = 5.0


class Situation(Enum):
    OFF = "no telemetry"
    ANSWERS = "endpoint answers"
    SILENT = "endpoint never answers"


@dataclass(frozen=True, slots=True)
class Measured:
    alone: ClosedLoop
    crowd: ClosedLoop
    rejections: ClosedLoop


def measure(situation: Situation, seconds: float) -> Measured:
    """PeerFailed where the service does not start, or its telemetry does not do what the situation says."""
    with reachable(situation) as variables, running(api_with(variables)) as server:
        address = server.address
        singles = requests_of(catalogue.SINGLE, address, new_tweets(), 1)

        def window(asked: Sequence[bytes], connections: int) -> ClosedLoop:
            time.sleep(PAUSE_SECONDS)
            return drive(closed_loop(address, asked, connections=connections, seconds=seconds))

        window(singles, WARM_UP_CLIENTS)
        alone, crowd = (window(begin_later(singles, place), each) for place, each in enumerate(CLIENTS, start=1))
        judgements = rejections_of(address, int(REJECTIONS_A_SECOND * (seconds + WARM_UP_SECONDS)))
        rejections = window(judgements, 1)
        check_telemetry(situation, address.url)
        return Measured(alone, crowd, rejections)


@contextmanager
def reachable(situation: Situation) -> Iterator[dict[str, str]]:
    """The service's variables, while what they speak of is there."""
    if situation is Situation.OFF:
        yield {"INFERENCE_TELEMETRY_EXPORTER": "none"}
        return
    with ingestion(is_silent=situation is Situation.SILENT) as connection_string:
        yield {"INFERENCE_APPLICATIONINSIGHTS_CONNECTION_STRING": connection_string}


def api_with(variables: dict[str, str]) -> Peer:
    peer = catalogue.api("champion", CHAMPION)

    def launch(folder: Path, address: Address) -> Launch:
        usual = peer.launch(folder, address)
        return replace(usual, environment={**usual.environment, **variables})

    return replace(peer, launch=launch)


def rejections_of(address: Address, count: int) -> list[bytes]:
    """Each of a prediction that was made for it."""
    texts = islice(new_tweets(), count)
    ids: list[str] = []
    while batch := list(islice(texts, BATCH_TEXTS)):
        answer = ask(f"{address.url}/v1/predictions/batch", {"texts": batch})
        ids += [str(part_of(each, "prediction_id")) for each in list_of(part_of(answer, "predictions"))]
    return [post_request(address, "/v1/feedback", {"prediction_id": each, "verdict": "rejected"}) for each in ids]


def check_telemetry(situation: Situation, url: str) -> None:
    """Rejections reach the endpoint that answers, and no other: else something else was measured."""
    deadline = time.monotonic() + LEAVE_SECONDS
    while (copied := copied_by(url)) == 0 and situation is Situation.ANSWERS and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    if (copied > 0) != (situation is Situation.ANSWERS):
        raise PeerFailed(f"{situation.value}, and {copied:.0f} rejections were copied")


def copied_by(url: str) -> float:
    said = requests.get(f"{url}/metrics", timeout=5).text
    found = re.search(r"^inference_rejections_copied_total (\S+)$", said, re.MULTILINE)
    return float(found[1]) if found else 0.0
