"""Batches of tweets of like length."""

import numpy as np

from trainer.candidates.batching import by_length, length_batches, padded


def test_every_row_comes_once_an_epoch_and_little_is_padding() -> None:
    lengths = np.random.default_rng(7).integers(1, 60, 10_000).tolist()
    batches = length_batches(lengths, 64, epochs=2, seed=7)
    half = len(batches) // 2
    for epoch in (batches[:half], batches[half:]):
        assert sorted(np.concatenate(epoch).tolist()) == list(range(10_000))
    filled = sum(max(lengths[row] for row in batch) * len(batch) for batch in batches)
    assert filled < 1.05 * 2 * sum(lengths)


def test_a_seed_gives_the_same_batches_and_epochs_differ() -> None:
    first, second = (length_batches([1] * 100, 10, epochs=2, seed=7) for _ in range(2))
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in second]
    assert [batch.tolist() for batch in first[:10]] != [batch.tolist() for batch in first[10:]]


def test_scoring_reads_short_rows_first() -> None:
    assert [batch.tolist() for batch in by_length([3, 1, 2], 2)] == [[1, 2], [0]]


def test_a_text_without_tokens_still_has_a_column() -> None:
    assert padded([[]]).tolist() == [[0]]
    assert padded([[5], [6, 7]]).tolist() == [[5, 0], [6, 7]]
