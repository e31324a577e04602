"""The rounds: each peer is measured several times, so that a machine that slows down meanwhile harms none alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.measuring import Measured, Offline, measure, measure_offline
from bench.peers.peer import Peer, PeerFailed

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Results:
    clients: Sequence[int]
    measured: Mapping[Peer, Sequence[Measured]]  # those that were measured in every round
    offline: Sequence[Offline]
    left_out: Sequence[str]


def run_rounds(
    peers: Sequence[Peer], bare: Path | None, *, clients: Sequence[int], rounds: int, seconds: float, say: Say
) -> Results:
    """`bare` is the bundle of the loop without HTTP."""
    measured: dict[Peer, list[Measured]] = {peer: [] for peer in peers}
    offline: list[Offline] = []
    left_out: list[str] = []
    for number in range(rounds):
        head = f"round {number + 1} of {rounds}"
        if bare is not None:
            say(f"{head}: the bare loop")
            offline.append(measure_offline(bare, seconds))
        # Every other round backwards: who was first is last.
        for peer in list(measured)[:: -1 if number % 2 else 1]:
            try:
                found = measure(peer, clients, seconds, partial(say_of, say, f"{head}: {peer.name}"))
                measured[peer].append(found)
            except PeerFailed as failure:
                left_out.append(f"{peer.name}: {failure}")
                say(f"left out: {left_out[-1]}")
                del measured[peer]
    return Results(clients, measured, offline, left_out)


def say_of(say: Say, who: str, what: str) -> None:
    say(f"{who}: {what}")
