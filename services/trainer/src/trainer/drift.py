"""Has live traffic moved away from what the champion was trained on? A pure decision, with its reasons.

    trainer drift

Windows are counted in tweets, not in hours, so that a quiet night and a busy noon are judged with the same certainty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trainer.drift_features import TweetFeatures
from trainer.drift_monitors import AuditLot, Limits, Monitor, audit_monitor, monitors_of
from trainer.drift_reference import Reference

# So many monitors that move in one window are no accident of that window.
MANY = 3


class DriftState(StrEnum):
    """`moved`: the last window is unlike the reference; `drifted`: it is not that window alone."""

    STABLE = "stable"
    MOVED = "moved"
    DRIFTED = "drifted"


@dataclass(frozen=True)
class Window:
    """So many tweets in a row; `keys` are their words, in memory only."""

    features: TweetFeatures
    since: datetime | None = None
    until: datetime | None = None
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class Looked:
    """A window that was looked at."""

    monitors: list[Monitor]
    tweets: int
    since: datetime | None
    until: datetime | None

    @property
    def moved(self) -> list[str]:
        return [monitor.name for monitor in self.monitors if monitor.moved]


@dataclass(frozen=True)
class DriftDecision:
    """`monitors`: of the last window, and the audit lot; `windows`: all that were looked at, the latest last."""

    state: DriftState
    reasons: list[str]
    monitors: list[Monitor]
    windows: list[Looked] = field(repr=False)
    reference: str
    lot: AuditLot


def decide_drift(
    reference: Reference, windows: Iterable[Window], limits: Limits, lot: AuditLot | None = None
) -> DriftDecision:
    """Needs one window at least. Each is forgotten once it was looked at."""
    looked = [look_at(reference, window, limits) for window in windows]
    return decide(reference, looked, limits, lot or AuditLot())


def look_at(reference: Reference, window: Window, limits: Limits) -> Looked:
    monitors = monitors_of(reference, window.features, limits, window.keys)
    return Looked(monitors, len(window.features), window.since, window.until)


def decide(reference: Reference, looked: list[Looked], limits: Limits, lot: AuditLot) -> DriftDecision:
    audit = audit_monitor(reference, lot, limits)
    monitors = [*looked[-1].monitors, audit]
    state = state_of([each.moved for each in looked[-2:]], audit_moved=audit.moved)
    return DriftDecision(
        state=state,
        reasons=[monitor.words for monitor in monitors if monitor.moved],
        monitors=monitors,
        windows=looked,
        reference=reference.words,
        lot=lot,
    )


def state_of(moved: Sequence[Sequence[str]], *, audit_moved: bool) -> DriftState:
    """`moved`: the monitors that moved in the last windows, the latest last.

    The audit lot is no window but the last answers that people judged, and the only monitor that knows what is right:
    it needs no second sign.
    """
    last, before = moved[-1], moved[-2] if len(moved) > 1 else ()
    if audit_moved or len(last) >= MANY or set(last) & set(before):
        return DriftState.DRIFTED
    return DriftState.MOVED if last else DriftState.STABLE
