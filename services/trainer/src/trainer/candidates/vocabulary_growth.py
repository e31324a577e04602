"""More words for a tokenizer whose vocabulary was learned long ago: what people write about now was not in it.

Ids that there are stay as they are; new words get those behind them.
"""

import json
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer


def add_words(tokenizer: Tokenizer, texts: Iterable[str], *, least: int, most: int) -> Tokenizer:
    """The tokenizer with the words that it did not know and at least `least` of the texts have: the `most` frequent.

    A text counts once, however often it is repeated.
    """
    content = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = content["model"]["vocab"]
    seen = Counter(word for text in set(texts) for word in words_of(tokenizer, text))
    new = [word for word, count in seen.items() if count >= least and word not in vocabulary]
    new = sorted(new, key=lambda word: (-seen[word], word))[:most]
    vocabulary |= {word: len(vocabulary) + place for place, word in enumerate(new)}
    return Tokenizer.from_str(json.dumps(content))


def words_of(tokenizer: Tokenizer, text: str) -> set[str]:
    normalized = tokenizer.normalizer.normalize_str(text)
    return {word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normalized)}
