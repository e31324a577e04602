"""The candidates: one file per family, one protocol, one list."""

from trainer.candidates.protocol import Candidate, FittedCandidate
from trainer.candidates.tfidf_logreg import TfidfLogreg

CANDIDATES: dict[str, Candidate] = {candidate.name: candidate for candidate in (TfidfLogreg(),)}

__all__ = ["CANDIDATES", "Candidate", "FittedCandidate"]
