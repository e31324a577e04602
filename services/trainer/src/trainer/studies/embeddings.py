"""What is a word's vector best made from? The same network on vectors learned here, and on two pretrained ones.

trainer study embeddings --dataset sentiment140 --limit 200000
"""

from collections.abc import Sequence

from trainer.candidates import Candidate
from trainer.dataset import Dataset
from trainer.study import Arm

CANDIDATES = ("bigru_learned", "bigru_glove", "bigru_fasttext")


def build_arms(dataset: Dataset, candidates: Sequence[Candidate]) -> list[Arm]:
    """An arm per candidate."""
    return [Arm(candidate.name, candidate, dataset) for candidate in candidates]
