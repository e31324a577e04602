"""Scores on slices of a test set: where a model is weak, which one figure over all tweets hides.

    trainer evaluate models/champion --slices

A slice is a predicate on the raw text, so that it can be read, argued about and used on tweets without labels. A new
slice is a new entry in `SLICES`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.evaluation import Evaluation, accuracy_interval

SHORT_WORDS, LONG_WORDS = 5, 20

_MASK = re.compile(
    r"@\w+|https?://\S+|www\.\S+|\b(?:USER|URL|RT)\b"
)  # names and addresses are no words of the author's
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NEGATION = re.compile(
    r"n['’]t\b|\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|dont|cant|wont|didnt|doesnt|isnt|wasnt"
    r"|pas|jamais|rien|aucune?|sans)\b",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001faff]")
_EMOTICON = re.compile(r"(?<!\w)(?:[:;=8][-o*']?[()\[\]dDpP/\\|]|<3)(?!\w)")
_AIRLINE = re.compile(
    r"\b(?:air(?:line|port|plane|craft|ways)s?|flights?|flying|flew|planes?|luggage|baggage|boarding|gates?|crew|pilots?"
    r"|cabin|seats?|layover|rebook(?:ed|ing)?|check-?in|delay(?:ed|s)?|cancell?ed|runway|tarmac|steward(?:ess)?"
    r"|vols?|avions?|aéroports?|bagages?|valises?|équipage|hôtesses?|compagnie|escale|embarquement|retards?)\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r"\b(?:but|although|though|however|mais|pourtant)\b", re.IGNORECASE)
_HELD_LETTER = re.compile(r"([^\W\d_])\1{2}", re.IGNORECASE)
# Function words of French that English tweets do not use; those that look alike ("on", "a", "me", "tu") are left out.
_FRENCH_WORD = re.compile(
    r"le|la|les|des|une|du|un|de|et|est|pas|je|il|elle|nous|vous|ils|elles|mon|ma|mes|ton|ta|tes|son|sa|ses|notre"
    r"|nos|votre|vos|leur|leurs|ce|cette|ces|que|qui|quoi|dont|où|avec|pour|dans|sur|chez|sans|sous|mais|donc|très"
    r"|trop|bien|tout|toute|tous|toutes|plus|moins|aussi|encore|toujours|jamais|rien|ça|ca|cela|même|être|avoir"
    r"|suis|es|sommes|êtes|sont|était|ai|as|avons|avez|ont|va|vais|fait|faire|au|aux|par|en|se|si|y|ne|merci"
    r"|bonjour|jour|heure|heures|quand|comme|après|avant|depuis|jsp|pk",
    re.IGNORECASE,
)
_FRENCH_ACCENT = re.compile("[àâçèéêëîïôùûœ]", re.IGNORECASE)
_FRENCH_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu)['’](?=[aeiouyhéèêâîô])", re.IGNORECASE)


@dataclass(frozen=True)
class Slice:
    name: str
    holds: Callable[[str], bool]


@dataclass(frozen=True)
class SliceScore:
    """Accuracy on one slice, with the bounds of its 95 % Wilson interval."""

    name: str
    size: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float


def words(text: str) -> list[str]:
    return _WORD.findall(_MASK.sub(" ", text))


def is_french(text: str) -> bool:
    """Whether a quarter of the words, and at least two of several, are French function words or bear French accents.

    Cheap, and made to tell French from English only: Spanish shares some of the words.
    """
    found = words(text)
    hits = sum(_looks_french(word) for word in found)
    return hits > 0 and hits >= min(2, len(found)) and hits >= len(found) / 4


def _looks_french(word: str) -> bool:
    return bool(_FRENCH_WORD.fullmatch(word) or _FRENCH_ACCENT.search(word) or _FRENCH_ELISION.match(word))


def is_shouted(text: str) -> bool:
    """At least two words of three letters and more, and most of them in capitals."""
    long = [word for word in words(text) if len(word) >= 3]
    return len(long) >= 2 and sum(word.isupper() for word in long) > len(long) / 2


SLICES = (
    Slice(f"short (at most {SHORT_WORDS} words)", lambda text: len(words(text)) <= SHORT_WORDS),
    Slice(f"long (at least {LONG_WORDS} words)", lambda text: len(words(text)) >= LONG_WORDS),
    Slice("negation", lambda text: bool(_NEGATION.search(text))),
    Slice("contrast (but, mais)", lambda text: bool(_CONTRAST.search(text))),
    Slice("question", lambda text: "?" in _MASK.sub(" ", text)),
    Slice("exclamation", lambda text: "!" in _MASK.sub(" ", text)),
    Slice("emoji", lambda text: bool(_EMOJI.search(text))),
    Slice("emoticon", lambda text: bool(_EMOTICON.search(_MASK.sub(" ", text)))),
    Slice("in capitals", is_shouted),
    Slice("held letters (sooo)", lambda text: bool(_HELD_LETTER.search(_MASK.sub(" ", text)))),
    Slice("handle or address", lambda text: bool(_MASK.search(text))),
    Slice("hashtag", lambda text: bool(re.search(r"(?<!\w)#\w", text))),
    Slice("airline words", lambda text: bool(_AIRLINE.search(text))),
    Slice("French", is_french),
)


def score_slices(evaluation: Evaluation, texts: Sequence[str]) -> list[SliceScore]:
    """The slices that hold a tweet, in the order of `SLICES`. `texts` are those that were evaluated, in their order."""
    right = evaluation.truth == evaluation.chosen
    scores = []
    for each in SLICES:
        inside = np.array([each.holds(text) for text in texts], dtype=bool)
        if size := int(inside.sum()):
            correct = int(right[inside].sum())
            scores.append(SliceScore(each.name, size, correct / size, *accuracy_interval(correct, size)))
    return scores
