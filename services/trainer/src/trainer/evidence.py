"""What the gate looks at: figures of a challenger beside the champion. Measured in gathering.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SliceEvidence:
    """One slice of one test set; accuracies of both."""

    name: str
    size: int
    champion: float
    challenger: float
    p_value: float


@dataclass(frozen=True)
class SetEvidence:
    """One test set, answered by both. The calibration error is the challenger's."""

    name: str
    size: int
    champion_macro_f1: float
    challenger_macro_f1: float
    gains: int
    losses: int
    p_value: float
    calibration_error: float
    slices: tuple[SliceEvidence, ...] = ()


@dataclass(frozen=True)
class BehaviourEvidence:
    """Behavioural tests that were asked, how many of them each passed, and the same of each capability."""

    asked: int
    champion: int
    challenger: int
    capabilities: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class GoldenEvidence:
    """Golden tweets of which the champion is certain, and how many of those the challenger labels otherwise."""

    certain: int
    changed: int


@dataclass(frozen=True)
class Champion:
    """The champion, and how the challenger does beside it; nothing is measured where the labels differ."""

    digest: str
    labels: tuple[str, ...]
    sets: tuple[SetEvidence, ...] = ()
    behaviours: BehaviourEvidence | None = None
    golden: GoldenEvidence | None = None


@dataclass(frozen=True)
class Evidence:
    """All that the gate looks at. `microseconds_per_tweet`: one tweet a call, on one core."""

    digest: str
    labels: tuple[str, ...]
    champion: Champion | None
    microseconds_per_tweet: float
    megabytes: float
