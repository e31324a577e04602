"""How a recurrent network is fitted: how often, in what batches, at what rate; and after which epoch it is kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    keeps_last: bool = False  # what the last epoch left, and not what did best on the validation tweets
