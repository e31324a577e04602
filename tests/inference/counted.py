"""A watch over processor time whose counter and clock a test sets, with a real file, a real turn and real gauges."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inference.cpu_budget import BudgetWarning
from inference.cpu_state import SpentFile, Turn
from inference.cpu_time import Usage
from inference.cpu_watch import CpuWatch, Telling
from inference.errors import DatabaseUnavailable
from inference.metrics import Metrics

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Container:
    """Its counter, its clock, and its workers, all of which read the same."""

    life: str = "a"
    taken: float = 0.0
    age_seconds: float = 60.0
    now: datetime = NOON

    def read(self) -> Usage:
        return Usage(self.taken, self.life, self.age_seconds, 200_000_000, 2**30)

    def go_on(self, seconds: float, took: float = 0.0) -> None:
        self.now += timedelta(seconds=seconds)
        self.age_seconds += seconds
        self.taken += took

    def start_again(self, taken: float = 0.0) -> None:
        self.life += "'"
        self.taken, self.age_seconds = taken, 1.0


class Listener(Telling):
    """Instead of a database and of Application Insights."""

    def __init__(self) -> None:
        self.said: list[BudgetWarning] = []
        self.entered: list[BudgetWarning] = []
        self.is_away = False

    def say(self, warning: BudgetWarning) -> None:
        self.said.append(warning)

    def enter_message(self, warning: BudgetWarning, now: datetime) -> None:
        if self.is_away:
            raise DatabaseUnavailable
        self.entered.append(warning)


@dataclass
class Worker:
    container: Container
    path: Path | None
    shared: Path | None = None
    budget_seconds: float = 3600.0
    metrics: Metrics = field(default_factory=Metrics)
    listener: Listener = field(default_factory=Listener)

    def __post_init__(self) -> None:
        self.turn = Turn(self.shared)
        gauges = self.metrics.cpu_gauges()
        self.watch = CpuWatch(
            self.container,
            SpentFile(self.path),
            self.turn,
            gauges,
            self.budget_seconds,
            self.listener,
            lambda: self.container.now,
        )

    def look(self) -> float:
        """The seconds spent today, as its metrics say."""
        self.watch.look()
        return self.says("cpu_seconds_today")

    def says(self, name: str) -> float:
        lines = self.metrics.render().decode().splitlines()
        [found] = [line for line in lines if line.startswith(f"inference_{name} ")]
        return float(found.split()[1])
