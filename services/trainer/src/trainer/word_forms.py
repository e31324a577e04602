"""Lemmas, stems and stop words, as data: nothing of this runs as Python where a bundle serves.

Words keep an id each in `tokenizer.json`; a table of as many numbers at the head of the graph gives all words of one
lemma or stem the same id. (Several words under one id in the tokenizer itself would be shorter, but `tokenizers`
writes only one of them back.) Stop words are cut out by the tokenizer, so that the words around them are neighbours.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from tokenizers import Regex, Tokenizer, pre_tokenizers

from trainer.errors import TrainerError

FormIds = npt.NDArray[np.int64]  # (words,): token id to the id of its form

# fmt: off
# The words that turn a sentence round: they are in every list of stop words, and they carry mood.
NEGATIONS = frozenset({
    "cannot", "cant", "couldnt", "hasnt", "neither", "never", "no", "nobody", "none", "noone", "nor", "not", "nothing",
    "nowhere", "without", "aucun", "aucune", "jamais", "ne", "ni", "non", "pas", "personne", "rien", "sans",
})
FRENCH_STOP_WORDS = frozenset({
    "au", "aux", "avec", "ce", "ces", "cette", "dans", "de", "des", "du", "elle", "elles", "en", "est", "et", "eux",
    "il", "ils", "je", "la", "le", "les", "leur", "leurs", "lui", "ma", "mais", "me", "mes", "moi", "mon", "même",
    "nos", "notre", "nous", "on", "ou", "où", "par", "pour", "qu", "que", "qui", "sa", "se", "ses", "son", "sont",
    "sur", "ta", "te", "tes", "toi", "ton", "tu", "un", "une", "vos", "votre", "vous", "y", "à", "été", "être",
})
# fmt: on
STOP_WORDS = ENGLISH_STOP_WORDS | FRENCH_STOP_WORDS | NEGATIONS


class WordForm(StrEnum):
    """What words are told apart by."""

    AS_WRITTEN = "as_written"
    LEMMA = "lemma"
    STEM = "stem"


class StopWords(StrEnum):
    """What becomes of words that every text has."""

    KEPT = "kept"
    DROPPED = "dropped"
    NEGATIONS_KEPT = "negations_kept"


def drop_stop_words(tokenizer: Tokenizer, stop_words: StopWords) -> None:
    """Let the tokenizer cut out stop words: all of them, or all but those that negate.

    Contractions are words of their own ("don't", "it's") and stay.
    """
    if stop_words is StopWords.KEPT:
        return
    dropped = STOP_WORDS if stop_words is StopWords.DROPPED else STOP_WORDS - NEGATIONS
    # A whole word as the tokenizer cuts them: neither a part of another one nor of a contraction.
    inside = r"\p{L}\p{M}\p{N}_"
    word = rf"(?<![{inside}'])(?:{'|'.join(sorted(dropped))})(?![{inside}]|'\p{{L}})"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(word), behavior="removed"), tokenizer.pre_tokenizer]
    )


def form_ids(tokenizer: Tokenizer, word_form: WordForm) -> FormIds:
    """The id of each word's form: that of the first word with this form, which is the most frequent one. # (words,)"""
    words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    form_of, first = form_function(word_form), dict[str, int]()
    # Contractions, signs, masks and the special tokens are their own form: the lemma of "don't" is "do".
    forms = [form_of(word) if word.isalpha() else word for word, _ in words]
    return np.array(
        [first.setdefault(form, token_id) for form, (_, token_id) in zip(forms, words, strict=True)], np.int64
    )


def form_function(word_form: WordForm) -> Callable[[str], str]:
    """Word to form. Raises TrainerError where the library for it is not installed."""
    if word_form is WordForm.AS_WRITTEN:
        return str
    try:
        return lemma_function() if word_form is WordForm.LEMMA else stem_function()
    except ModuleNotFoundError as missing:
        message = (
            f"{word_form}s need {missing.name}: `make test` installs it, or `uv sync --all-packages --extra study`"
        )
        raise TrainerError(message) from None


def lemma_function() -> Callable[[str], str]:
    from simplemma import lemmatize

    # English first: a word that both languages know is English here.
    return lambda word: lemmatize(word, lang=("en", "fr")).lower()


def stem_function() -> Callable[[str], str]:
    """Porter's second stemmer and its French sister (snowballstem.org)."""
    from snowballstemmer import stemmer  # type: ignore[import-untyped]  # it ships no types

    english, french = stemmer("english"), stemmer("french")
    # No list of words says which language one is from; accents do. The French stemmer would make "hate" a "hat".
    return lambda word: str((english if word.isascii() else french).stemWord(word))


def look_up_forms(graph: onnx.ModelProto, forms: FormIds) -> onnx.ModelProto:
    """The graph with the table in front: `token_ids` (batch, tokens) are those of words, what it reads those of forms.

    Where every word is its own form the graph stays as it is.
    """
    if np.array_equal(forms, np.arange(len(forms))):
        return graph
    for node in graph.graph.node:
        node.input[:] = ["form_ids" if name == "token_ids" else name for name in node.input]
    graph.graph.node.insert(0, helper.make_node("Gather", ["forms", "token_ids"], ["form_ids"]))
    graph.graph.initializer.append(numpy_helper.from_array(forms, "forms"))
    onnx.checker.check_model(graph)
    return graph
