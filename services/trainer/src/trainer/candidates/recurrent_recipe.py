"""How a recurrent network is fitted: how often, in what batches, at what rate."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
