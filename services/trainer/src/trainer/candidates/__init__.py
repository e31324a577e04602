"""The candidates: one file per family, one protocol, one list."""

from trainer.candidates.protocol import Candidate, FittedCandidate
from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.errors import TrainerError

CANDIDATES: dict[str, Candidate] = {candidate.name: candidate for candidate in (TfidfLogreg(),)}


def find_candidate(name: str) -> Candidate:
    if name not in CANDIDATES:
        raise TrainerError(f"no candidate {name!r}: choose one of {', '.join(CANDIDATES)}")
    return CANDIDATES[name]


__all__ = ["CANDIDATES", "Candidate", "FittedCandidate", "find_candidate"]
