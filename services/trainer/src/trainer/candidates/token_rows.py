"""The token ids of many texts, unpadded, with a progress bar."""

from collections.abc import Iterator, Sequence

from tokenizers import Tokenizer
from tqdm import tqdm

CHUNK = 10_000


def token_rows(tokenizer: Tokenizer, texts: Sequence[str], *, what: str = "tokens") -> Iterator[list[int]]:
    """The ids of each text; `what` stands before the bar."""
    unpadded = Tokenizer.from_str(tokenizer.to_str())
    unpadded.no_padding()
    with tqdm(total=len(texts), desc=what, unit=" tweets", disable=None) as progress:
        for start in range(0, len(texts), CHUNK):
            chunk = list(texts[start : start + CHUNK])
            yield from (encoding.ids for encoding in unpadded.encode_batch_fast(chunk))
            progress.update(len(chunk))
