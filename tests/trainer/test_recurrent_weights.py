"""From a bundle back to its network: the weights that were exported are the weights that are read."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from scipy.special import softmax
from tokenizers import Tokenizer

from trainer.bundle import Bundle, load_bundle, write_bundle
from trainer.candidates.recurrent_graph import GATES, build_recurrent_graph, onnx_gates
from trainer.candidates.recurrent_weights import cell_of, is_recurrent, keras_gates, read_weights, restore
from trainer.candidates.token_rows import token_rows
from trainer.card import DatasetCard
from trainer.dataset import Dataset, load_dataset
from trainer.errors import TrainerError
from trainer.narrowing import narrow_graph
from trainer.tokenization import fit_word_tokenizer

pytest.importorskip("keras", reason="the extra `networks` is not installed")

from trainer.candidates.recurrent_network import Architecture, Cell, build_network, predict_logits, weighted_layers

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
LABELS = ("negative", "neutral", "positive")
ODD_TEXTS = ["", " ", "?", "word " * 300, "\U0001f600", "&amp;", "@nobody http://example.org", "été à Noël"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset("sample", data_dir=tmp_path_factory.mktemp("none"), limit=300)


@pytest.fixture(scope="module")
def tokenizer(sample: Dataset) -> Tokenizer:
    return fit_word_tokenizer(sample.train.texts, max_words=1000, min_count=2, max_tokens=80)


def graph_of(cell: Cell, words: int, labels: int) -> onnx.ModelProto:
    """Of a network that has learned nothing: its numbers are as random as they come, no two alike, no bias zero."""
    network = build_network(Architecture(words, labels, cell, 5, 7, 0, 0, 0), None, seed=7)
    random = np.random.default_rng(7)
    layers = weighted_layers(network)
    return build_recurrent_graph(
        {
            name: [random.normal(size=weights.shape).astype(np.float32) for weights in layer.get_weights()]
            for name, layer in layers.items()
        },
        cell,
    )


def bundle_of(graph: onnx.ModelProto, tokenizer: Tokenizer, labels: tuple[str, ...], folder: Path) -> Bundle:
    return write_bundle(
        folder,
        name="recurrent",
        labels=labels,
        tokenizer=tokenizer,
        graph=graph,
        command="trainer train",
        dataset=DatasetCard(name="sample", fingerprint="0" * 64, train=1, validation=1, test=1),
    )


def restored_probabilities(bundle: Bundle, texts: list[str]) -> npt.NDArray[np.float64]:
    """What a network says that was built anew and got the bundle's weights."""
    weights = read_weights(bundle)
    shape = (weights.words, weights.labels, weights.cell, weights.units, weights.embedding_size)
    network = build_network(Architecture(*shape, 0, 0, 0), None, seed=1)
    restore(network, weights)
    tokenizer = Tokenizer.from_file(str(bundle.folder / "tokenizer.json"))
    return np.asarray(softmax(predict_logits(network, list(token_rows(tokenizer, texts))), axis=1))


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
@pytest.mark.parametrize("labels", [("negative", "positive"), LABELS])
def test_the_network_equals_the_bundle(
    cell: Cell, labels: tuple[str, ...], sample: Dataset, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    graph = graph_of(cell, tokenizer.get_vocab_size(), len(labels))
    bundle = bundle_of(graph, tokenizer, labels, tmp_path / "bundle")
    texts = [*sample.test.texts, *ODD_TEXTS]
    said = bundle.classifier.probabilities(texts)
    assert said.std(axis=0).min() > 0.05, "a bundle that says the same of every tweet proves nothing"
    assert np.abs(restored_probabilities(bundle, texts) - said).max() < 1e-5


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
@pytest.mark.parametrize(("columns", "temperature"), [([0, 2], 1.0), ([0, 2], 0.6), ([1, 0], 2.5)])
def test_a_narrowed_bundle_becomes_a_network_of_the_labels_that_are_left(
    cell: Cell, columns: list[int], temperature: float, sample: Dataset, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    graph = narrow_graph(graph_of(cell, tokenizer.get_vocab_size(), 3), columns, temperature)
    labels = tuple(LABELS[column] for column in columns)
    bundle = bundle_of(graph, tokenizer, labels, tmp_path / "bundle")
    texts = [*sample.test.texts, *ODD_TEXTS]
    assert read_weights(bundle).labels == 2
    assert np.abs(restored_probabilities(bundle, texts) - bundle.classifier.probabilities(texts)).max() < 1e-5


def test_the_champion_we_serve_equals_its_network(sample: Dataset) -> None:
    bundle = load_bundle(CHAMPION)
    texts = [*sample.test.texts, *ODD_TEXTS]
    assert np.abs(restored_probabilities(bundle, texts) - bundle.classifier.probabilities(texts)).max() < 1e-5


def test_written_once_more_it_is_the_same_bundle(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """The embeddings were rounded already: to round them again changes none."""
    first = bundle_of(
        graph_of("GRU", tokenizer.get_vocab_size(), 2), tokenizer, ("negative", "positive"), tmp_path / "1"
    )
    weights = read_weights(first)
    again = bundle_of(
        build_recurrent_graph(weights.layers, weights.cell), tokenizer, ("negative", "positive"), tmp_path / "2"
    )
    assert again.card.golden == first.card.golden
    vectors = [read_weights(bundle).layers["embedding"][0] for bundle in (first, again)]
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-6)


@pytest.mark.parametrize("cell", GATES)
def test_gates_there_and_back(cell: str) -> None:
    weights = np.random.default_rng(7).normal(size=(3, 4 * len(GATES[cell]))).astype(np.float32)
    np.testing.assert_array_equal(keras_gates(onnx_gates(weights, cell), cell), weights)


def test_what_the_weights_say_of_the_network(tokenizer: Tokenizer, tmp_path: Path) -> None:
    words = tokenizer.get_vocab_size()
    bundle = bundle_of(graph_of("LSTM", words, 3), tokenizer, LABELS, tmp_path / "bundle")
    weights = read_weights(bundle)
    assert (weights.cell, weights.words, weights.units, weights.embedding_size, weights.labels) == (
        "LSTM",
        words,
        5,
        7,
        3,
    )


def test_a_bundle_of_another_family_is_refused_by_name(bundle: Bundle) -> None:
    assert not is_recurrent(bundle)
    with pytest.raises(TrainerError, match="tfidf_logreg is no recurrent network"):
        read_weights(bundle)


def test_a_graph_with_such_a_cell_but_other_weights_is_none_of_ours() -> None:
    graph = graph_of("GRU", 10, 2)
    assert cell_of(graph) == "GRU"
    (kernel,) = (constant for constant in graph.graph.initializer if constant.name == "kernel")
    kernel.name = "weights"
    assert cell_of(graph) is None
