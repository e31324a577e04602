"""Word vectors that were learned elsewhere: GloVe and FastText, read as they are published, or trained on the tweets.

Pennington et al. 2014 (GloVe); Bojanowski et al. 2017, arXiv 1607.04606 (FastText).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tqdm import tqdm

from trainer.errors import TrainerError
from trainer.settings import Settings

Embeddings = Literal["learned", "glove", "fasttext"]
Vectors = npt.NDArray[np.float32]

# FastText on the tweets themselves: this many of them, this often, into vectors this long.
FASTTEXT_TWEETS, FASTTEXT_EPOCHS, FASTTEXT_SIZE = 300_000, 3, 64
SPREAD = 0.05  # of the vectors that nobody learned, drawn evenly around zero, as Keras draws its own


def load_vectors(kind: Embeddings, tokenizer: Tokenizer, texts: Sequence[str], *, seed: int) -> Vectors | None:
    """A start for the embedding layer, (words, size); None where the network learns it from nothing."""
    if kind == "learned":
        return None
    settings = Settings()
    if kind == "glove":
        known = dict(read_vectors(settings.glove_file or find_glove(settings.data_dir)))
    elif settings.fasttext_file:
        known = dict(read_vectors(settings.fasttext_file))
    else:
        known = train_fasttext(tokenizer, texts[:FASTTEXT_TWEETS], seed=seed)
    return arrange(known, tokenizer.get_vocab(), seed=seed)


def find_glove(data_dir: Path) -> Path:
    files = sorted(data_dir.glob("glove*.txt"))
    if not files:
        raise TrainerError(
            f"no glove*.txt in {data_dir}: get GloVe's Twitter vectors from https://nlp.stanford.edu/projects/glove/ "
            "and name the file with TRAINER_GLOVE_FILE"
        )
    return files[0]


def read_vectors(file: Path) -> Iterator[tuple[str, Vectors]]:
    """Word and vector of each line; the line of two numbers that FastText's files begin with is skipped."""
    size = None
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            word, *numbers = line.rstrip("\n").rstrip(" ").split(" ")
            if number == 1 and len(numbers) == 1:
                continue
            size = size or len(numbers)
            try:
                vector = np.array(numbers, dtype=np.float32)
            except ValueError:
                vector = np.array([np.nan], dtype=np.float32)
            if len(vector) != size or not np.isfinite(vector).all():
                raise TrainerError(f"{file}, line {number}: not a word and {size} numbers")
            yield word, vector


def train_fasttext(tokenizer: Tokenizer, texts: Sequence[str], *, seed: int) -> dict[str, Vectors]:
    """FastText vectors of the tokenizer's words, learned from the tweets on one thread: more would ignore the seed."""
    from gensim.models import FastText
    from gensim.models.callbacks import CallbackAny2Vec

    unpadded = Tokenizer.from_str(tokenizer.to_str())
    unpadded.no_padding()
    sentences = [encoding.tokens for encoding in unpadded.encode_batch(list(texts))]
    progress = tqdm(total=FASTTEXT_EPOCHS, desc="FastText", unit=" epochs", disable=None)
    callback = type("Progress", (CallbackAny2Vec,), {"on_epoch_end": lambda self, model: progress.update()})()
    model = FastText(
        sentences,
        vector_size=FASTTEXT_SIZE,
        epochs=FASTTEXT_EPOCHS,
        min_count=1,
        bucket=200_000,
        workers=1,
        seed=seed,
        callbacks=[callback],
    )
    progress.close()
    return {word: model.wv[word] for word in tokenizer.get_vocab()}


def arrange(known: Mapping[str, Vectors], vocabulary: Mapping[str, int], *, seed: int) -> Vectors:
    """The vectors in the order of the vocabulary's ids; words without one get small random numbers."""
    size = len(next(iter(known.values()), np.zeros(0)))
    shared = [word for word in vocabulary if word in known]
    if not shared:
        raise TrainerError("the file of word vectors has none of the words in these tweets")
    random = np.random.default_rng(seed)
    vectors = random.uniform(-SPREAD, SPREAD, (len(vocabulary), size)).astype(np.float32)
    for word in shared:
        vectors[vocabulary[word]] = known[word]
    return vectors
