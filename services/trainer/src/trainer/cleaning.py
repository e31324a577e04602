"""Two readings of a tweet: `repair` undoes what files did to its text, `key` says which tweets are the same.

The key only decides identity (duplicates, conflicts, splits); a model is trained on the repaired text.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from tqdm import tqdm

_CHUNK = 20_000  # texts joined by line ends: one pass of a regex over many tweets costs a tenth of one per tweet

# --- repair ---------------------------------------------------------------------------------------------------------

# With its semicolon: "&nothing" is no entity, and html.unescape alone would read one into it.
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
# Some files were escaped twice. Until nothing changes would be for ever on a text made for it: "&amp;amp;amp;...".
_ESCAPED_AT_MOST = 3
_WRITTEN_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_DOUBLED_QUOTES = re.compile(r'\\?""+')
# The publisher of US Airline put the reason for "cancel", "late" and "booking" wherever those letters stood, inside
# words too: an original "Late flight" became "Late Flight flight". So every occurrence goes back, with no exception.
_AIRLINE_ARTEFACT = re.compile(r"([^\W\d_])?(Cancelled Flight|Late Flight|Flight Booking Problems)(?=([^\W\d_])?)")
_AIRLINE_WORDS = {"Cancelled Flight": "cancel", "Late Flight": "late", "Flight Booking Problems": "booking"}


def repair(text: str, *, has_written_escapes: bool = False, has_airline_artefacts: bool = False) -> str:
    """The text as its author wrote it, as far as that can be known."""
    if not text.isascii():
        text = _undo_mojibake(text)
    text = _unescape(text)
    if has_written_escapes:
        text = _DOUBLED_QUOTES.sub('"', _WRITTEN_ESCAPE.sub(_decode_escapes, text))
    if has_airline_artefacts:
        text = _AIRLINE_ARTEFACT.sub(_airline_word, text)
    return text.strip()


def repair_all(
    texts: Sequence[str], *, has_written_escapes: bool = False, has_airline_artefacts: bool = False
) -> list[str]:
    return [
        repair(text, has_written_escapes=has_written_escapes, has_airline_artefacts=has_airline_artefacts)
        for chunk in _chunks(texts, "repair")
        for text in chunk
    ]


def _unescape(text: str) -> str:
    for _ in range(_ESCAPED_AT_MOST):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text


def _undo_mojibake(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:  # honest accents, or bytes lost on the way: nothing to win
        return text


def _decode_escapes(match: re.Match[str]) -> str:
    # Through UTF-16, because an emoji is written as two escapes. Half of one is left as it was found.
    units = bytes.fromhex(match[0].replace("\\u", ""))
    try:
        return units.decode("utf-16-be")
    except UnicodeDecodeError:
        return match[0]


def _airline_word(match: re.Match[str]) -> str:
    word = _AIRLINE_WORDS[match[2]]
    before, after = match[1] or "", match[3] or ""
    return before + (word.upper() if after.isupper() or (before.isupper() and not after) else word)


# --- key ------------------------------------------------------------------------------------------------------------

_ALNUM = r"[^\W_]"
# Zero-width space, non-joiner, direction marks, byte order mark, variation selectors. Not the joiner that builds emoji.
INVISIBLE = "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]"
_INVISIBLE = re.compile(INVISIBLE)
# Each pattern opens with the characters it looks for, and looks back from there: that is what lets `re` skip ahead.
_INNER_APOSTROPHE = re.compile(rf"['’](?<={_ALNUM}['’])(?={_ALNUM})")
# What Sentiment140 has in place of names and addresses, glued to a word as they were: "thanksUSER", "USER's".
_GLUED_MASK = re.compile(r"U(?:SER(?<![A-Z]USER)|RL(?<![A-Z]URL))(?![A-Za-z0-9_])")
_MASKED = (  # addresses before handles, because addresses may hold an @
    re.compile(rf"http(?:s?://|(?<!{_ALNUM}http))\S*"),
    re.compile(rf"www\.(?<!{_ALNUM}www\.)\S+"),
    re.compile(rf"(?:rt(?<!{_ALNUM}rt)|via(?<!{_ALNUM}via)) *(?=@\w|user(?!{_ALNUM}))"),  # said again by somebody
    re.compile(r"@\w+"),
    re.compile(rf"user(?<!{_ALNUM}user)(?!{_ALNUM})"),
    re.compile(rf"url(?<!{_ALNUM}url)(?!{_ALNUM})"),
)
# Only those that hold a letter or a digit: the others fall with the punctuation. A score of 2:3 is none.
_EMOTICON = re.compile(rf"[:;=<](?:(?<=<)/?3+|(?<!<)['’]?[-^~]?(?:[dpoxsc]+|(?<!\d[:;=])3+))(?!{_ALNUM})")
_ELONGATION = re.compile(r"([^\n\d])\1{2,}")  # sooooo, but not 1000


@cache
def _not_words() -> re.Pattern[str]:
    # Emoji are symbols to Unicode, not punctuation, so category P spares them; the ASCII symbols are the rest of ours.
    # Up to U+FFFF only: beyond lie old scripts, and a class that reaches there is tested one mark after the other.
    characters = map(chr, range(0x10000))
    marks = [re.escape(mark) for mark in characters if unicodedata.category(mark)[0] == "P" or mark in "$+<=>^`|~"]
    return re.compile(rf"[{''.join(marks)}\x00-\x09\x0b-\x1f\x7f-\x9f]+")


def key(text: str) -> str:
    """What a tweet says, whoever it is said to and however it is spelled: two tweets with one key are one tweet."""
    return _keys([text])[0]


def keys(texts: Sequence[str]) -> list[str]:
    return [found for chunk in _chunks(texts, "key") for found in _keys(chunk)]


def _keys(texts: Sequence[str]) -> list[str]:
    # Twice: a handle ends at its apostrophe, and without apostrophes "us'er" is a mask.
    bare = _mask(_INNER_APOSTROPHE.sub("", _mask(_fold("\n".join(_one_line(text) for text in texts)))))
    words = _tidy_lines(_not_words().sub(" ", _EMOTICON.sub(" ", bare)))
    if all(words):
        return words
    # ":(" alone says something: where no word is left the signs are the key.
    return [word or sign for word, sign in zip(words, _tidy_lines(bare), strict=True)]


def _one_line(text: str) -> str:
    return _unescape(text).replace("\n", " ")


def _fold(text: str) -> str:
    text = _GLUED_MASK.sub(r" \g<0> ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text)))
    return unicodedata.normalize("NFC", text.casefold())


def _mask(text: str) -> str:
    for pattern in _MASKED:
        text = pattern.sub(" ", text)
    return text


def _tidy_lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in _ELONGATION.sub(r"\1\1", text).split("\n")]


def _chunks(texts: Sequence[str], what: str) -> Iterator[Sequence[str]]:
    with tqdm(total=len(texts), desc=what, unit=" tweets", unit_scale=True, disable=None, leave=False) as bar:
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            yield chunk
            bar.update(len(chunk))
