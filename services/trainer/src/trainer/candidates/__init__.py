"""The candidates: one file per family, one protocol, one list."""

from trainer.candidates.bert import Bert
from trainer.candidates.protocol import Candidate, FittedCandidate
from trainer.candidates.recurrent import Recurrent
from trainer.candidates.tfidf_forest import TfidfForest
from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.candidates.tfidf_xgboost import TfidfXgboost
from trainer.errors import TrainerError

_ALL: tuple[Candidate, ...] = (
    TfidfLogreg(),
    TfidfForest(),
    TfidfXgboost(),
    Recurrent("bigru_learned"),
    Recurrent("bigru_glove", embeddings="glove"),
    Recurrent("bigru_fasttext", embeddings="fasttext"),
    Recurrent("bilstm_learned", cell="LSTM"),
    Recurrent("bilstm_glove", cell="LSTM", embeddings="glove"),
    Recurrent("bilstm_fasttext", cell="LSTM", embeddings="fasttext"),
    # A teacher's doubts are harder to learn by heart than labels: it needs less that keeps it from doing so.
    Recurrent("bigru_distilled", distilled=True, embedding_dropout=0.1, dropout=0.25),
    Bert(),
)
CANDIDATES: dict[str, Candidate] = {candidate.name: candidate for candidate in _ALL}


def find_candidate(name: str) -> Candidate:
    if name not in CANDIDATES:
        raise TrainerError(f"no candidate {name!r}: choose one of {', '.join(CANDIDATES)}")
    return CANDIDATES[name]


__all__ = ["CANDIDATES", "Candidate", "FittedCandidate", "find_candidate"]
