"""The token ids of many texts, unpadded, with a progress bar."""

from collections.abc import Sequence

from tokenizers import Tokenizer
from tqdm import tqdm

CHUNK = 10_000


def token_rows(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    unpadded = Tokenizer.from_str(tokenizer.to_str())
    unpadded.no_padding()
    rows: list[list[int]] = []
    with tqdm(total=len(texts), desc="tokens", unit=" tweets", disable=None) as progress:
        for start in range(0, len(texts), CHUNK):
            chunk = list(texts[start : start + CHUNK])
            rows += [encoding.ids for encoding in unpadded.encode_batch_fast(chunk)]
            progress.update(len(chunk))
    return rows
