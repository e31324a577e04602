"""Made populations of tweets with something about them changed."""

from dataclasses import replace
from typing import Any

from bench.drift_population import Population


def with_columns(population: Population, **columns: Any) -> Population:
    """The same tweets with other columns of their features."""
    return replace(population, features=replace(population.features, **columns))
