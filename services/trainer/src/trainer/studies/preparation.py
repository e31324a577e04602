"""Do lemmas, stems or a list of stop words help? Every form of the words times every treatment of the stop words.

trainer study preparation --dataset sentiment140 --limit 200000
"""

from trainer.candidates.tfidf_logreg import TfidfLogreg
from trainer.dataset import Dataset
from trainer.study import Arm
from trainer.word_forms import StopWords, WordForm

READABLE = {
    StopWords.KEPT: "stop words kept",
    StopWords.NEGATIONS_KEPT: "stop words but negations dropped",
    StopWords.DROPPED: "stop words dropped",
}


def build_arms(dataset: Dataset) -> list[Arm]:
    """Nine arms, today's baseline first."""
    return [
        Arm(
            name=f"{word_form.value.replace('_', ' ')}, {READABLE[stop_words]}",
            candidate=TfidfLogreg(word_form=word_form, stop_words=stop_words),
            dataset=dataset,
        )
        for word_form in WordForm
        for stop_words in READABLE
    ]
