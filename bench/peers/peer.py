"""What the bench knows of a thing it measures: how it is started, asked, and recognized as right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.wire import Address

CheckAnswers = Callable[[str], None]


class PeerFailed(Exception):
    """It did not start, or did not answer what it should; the message says which."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command, what has to be done before it, and its variables."""

    command: Sequence[str]
    environment: Mapping[str, str]
    before: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    body: Callable[[Sequence[str]], object]  # of so many texts


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    title: str  # in tables
    launch: Callable[[Path, Address], Launch]  # what it writes goes into the folder
    ready_path: str
    single: Route
    batch: Route | None
    check: CheckAnswers  # given its URL; PeerFailed where an answer is not what it should be
    folder: Path | None = None  # where it is started; None: where it writes
    is_overloaded: bool = False  # also measured with more than it can answer
    asks_again: bool = False  # with tweets that it has seen: copies, as most of a bad buzz are
    patience: float = 1.0  # windows are so many times longer
