"""What every family has in common: a recipe that can be fitted, and the fitted thing that can be exported."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnx
from tokenizers import Tokenizer

from trainer.dataset import Tweets

Parameter = str | int | float
# One row a step of a long fit (an epoch, a round), the same keys in each: "epoch", "train_loss", "validation_loss", …
History = list[dict[str, float]]


class FittedCandidate(Protocol):
    """A fitted recipe. `tokenizer` and `graph` are what the bundle ships; the framework's model stays behind."""

    tokenizer: Tokenizer
    parameters: dict[str, Parameter]
    history: History

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """The framework's own probabilities, shape (texts, labels): what the exported graph must reproduce."""
        ...

    def export(self) -> onnx.ModelProto:
        """The same model as a graph: `token_ids` int64 (batch, tokens) to `probabilities` float32 (batch, labels)."""
        ...


class Candidate(Protocol):
    """A named recipe."""

    @property
    def name(self) -> str: ...

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedCandidate:
        """Learn from `train`; choose settings on `validation` only.

        A long fit keeps what it has reached in the folder `checkpoints`, and the same fit begun again goes on from
        there. The folder need not exist.
        """
        ...
