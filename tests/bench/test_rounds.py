"""The rounds: who is measured when, and what becomes of a peer that fails in one of them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.measuring import Measured, Say
from bench.peers import catalogue
from bench.peers.peer import Peer, PeerFailed
from bench.rounds import run_rounds
from bench.weight import Weight

PEERS = [replace(catalogue.constant(), name=name) for name in ("first", "second", "third")]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the peers in the order in which they were measured; "second" fails when its turn comes again."""
    names: list[str] = []

    def measure(peer: Peer, clients: Sequence[int], seconds: float, say: Say) -> Measured:
        names.append(peer.name)
        say("starting")
        if names.count("second") == 2 and peer.name == "second":
            raise PeerFailed("it did not start")
        return Measured([], None, None, Weight(1.0, None), 1.0)

    monkeypatch.setattr("bench.rounds.measure", measure)
    return names


def test_every_other_round_goes_backwards_and_every_step_is_said(asked: list[str]) -> None:
    lines: list[str] = []
    run_rounds([PEERS[0], PEERS[2]], None, clients=(1,), rounds=3, seconds=1, say=lines.append)
    assert asked == ["first", "third", "third", "first", "first", "third"]
    assert lines[:3] == [
        "round 1 of 3: first: starting",
        "round 1 of 3: third: starting",
        "round 2 of 3: third: starting",
    ]


def test_a_peer_that_fails_once_is_left_out_with_the_reason_and_the_others_go_on(asked: list[str]) -> None:
    found = run_rounds(PEERS, None, clients=(1,), rounds=3, seconds=1, say=lambda _: None)
    assert {peer.name: len(rounds) for peer, rounds in found.measured.items()} == {"first": 3, "third": 3}
    assert found.left_out == ["second: it did not start"]
    assert asked.count("second") == 2
