"""Word vectors as they are published, and as the tweets teach them."""

from pathlib import Path

import numpy as np
import pytest

from trainer.candidates.embeddings import arrange, find_glove, read_vectors, train_fasttext
from trainer.dataset import Tweets
from trainer.errors import TrainerError
from trainer.tokenization import fit_word_tokenizer


def test_glove_and_fasttext_files_read_alike(tmp_path: Path) -> None:
    lines = "late 0.5 -1\nété 2 3e-1\n"
    (tmp_path / "glove.txt").write_text(lines, encoding="utf-8")
    (tmp_path / "fasttext.vec").write_text("2 2\n" + lines.replace("\n", " \n"), encoding="utf-8")
    glove, fasttext = (dict(read_vectors(tmp_path / name)) for name in ("glove.txt", "fasttext.vec"))
    assert list(glove) == list(fasttext) == ["late", "été"]
    for word in glove:
        np.testing.assert_array_equal(glove[word], fasttext[word])
    np.testing.assert_allclose(glove["été"], [2, 0.3])


@pytest.mark.parametrize("line", ["word 1", "word 1 x", "word", "word 1 2 3", "word nan 1"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "glove.txt").write_text(f"late 0.5 1\n{line}\n", encoding="utf-8")
    with pytest.raises(TrainerError, match="line 2: not a word and 2 numbers"):
        dict(read_vectors(tmp_path / "glove.txt"))


def test_words_keep_their_ids_and_unknown_ones_get_small_numbers() -> None:
    vectors = arrange({"b": np.array([3.0, 4.0], dtype=np.float32)}, {"a": 0, "b": 1}, seed=7)
    np.testing.assert_array_equal(vectors[1], [3, 4])
    assert 0 < np.abs(vectors[0]).max() < 0.1


def test_vectors_of_other_words_are_refused() -> None:
    with pytest.raises(TrainerError, match="none of the words"):
        arrange({"b": np.zeros(2, dtype=np.float32)}, {"a": 0}, seed=7)


def test_where_there_is_no_file_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="TRAINER_GLOVE_FILE"):
        find_glove(tmp_path)


def test_fasttext_gives_every_word_a_vector_and_a_seed_means_something(tweets: Tweets) -> None:
    pytest.importorskip("gensim", reason="the extra `networks` is not installed")
    tokenizer = fit_word_tokenizer(tweets.texts, max_words=100, min_count=1, max_tokens=80)
    first, second = (train_fasttext(tokenizer, tweets.texts, seed=7) for _ in range(2))
    assert set(first) == set(tokenizer.get_vocab())
    np.testing.assert_array_equal(first["flight"], second["flight"])


@pytest.mark.data
def test_the_published_glove_subset(data_dir: Path) -> None:
    known = dict(read_vectors(find_glove(data_dir)))
    assert {len(vector) for vector in known.values()} == {25}
    assert "flight" in known
