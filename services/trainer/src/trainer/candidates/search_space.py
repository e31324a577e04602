"""What a candidate offers so that its settings can be searched: the settings to try, and news of a fit as it goes.

Optuna's names are used, so that its trial is a `Trial` here and no candidate needs Optuna.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from trainer.candidates.protocol import Candidate

# Called after each step of a fit (an epoch, a strength) with its number and the validation log-loss so far.
Report = Callable[[int, float], None]


class Hopeless(Exception):
    """Raised out of a fit whose steps fall behind those of other fits."""


class Trial(Protocol):
    """One draw of settings."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int: ...

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float: ...

    def suggest_categorical(self, name: str, choices: Sequence[str]) -> str: ...

    def report(self, value: float, step: int) -> None: ...

    def should_prune(self) -> bool: ...


@runtime_checkable
class Searchable(Protocol):
    """A candidate whose settings can be searched."""

    @property
    def name(self) -> str: ...

    def search_space(self, trial: Trial) -> Candidate:
        """The same recipe with the settings that `trial` suggests; its fit calls `report_to(trial)` after each step."""
        ...


def report_to(trial: Trial) -> Report:
    """A report that ends a fit, by raising Hopeless, as soon as the trial's pruner gives it up."""

    def report(step: int, loss: float) -> None:
        trial.report(loss, step)
        if trial.should_prune():
            raise Hopeless(f"given up after step {step}")

    return report


def to_nobody(step: int, loss: float) -> None:
    """The report of a fit that nobody waits for."""
