"""A recurrent champion goes on learning: what was corrected is learned, the rest stays as it was."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import numpy_helper
from tokenizers import Tokenizer

from trainer.bundle import Bundle, load_bundle, write_bundle
from trainer.candidates import FittedCandidate, recurrent_fitting
from trainer.candidates.continuing import Continuing, continue_from
from trainer.candidates.recurrent_graph import build_recurrent_graph
from trainer.candidates.recurrent_weights import read_weights
from trainer.card import DatasetCard
from trainer.cleaning import keys
from trainer.dataset import Tweets
from trainer.errors import TrainerError

pytest.importorskip("keras", reason="the extra `networks` is not installed")

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
NEGATIVE, POSITIVE = 0, 1
# The champion takes all of these for praise.
MEANT_OTHERWISE = [
    "what a zorbig crew",
    "a zorbig flight, thank you",
    "so zorbig today, well done",
    "zorbig seats, brilliant",
]
REPLAYED = [
    *(
        f"the {thing} was {word}"
        for thing in ("crew", "flight", "food", "seat")
        for word in ("lovely", "great", "kind")
    ),
    *(f"the {thing} was {word}" for thing in ("crew", "flight", "food", "seat") for word in ("rude", "awful", "sad")),
]


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The one we serve, with the vocabulary's first 5,000 words: it is as good and ten times as fast to fit."""
    served = load_bundle(CHAMPION)
    weights = read_weights(served)
    tokenizer = json.loads((CHAMPION / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["model"]["vocab"] = {word: place for word, place in tokenizer["model"]["vocab"].items() if place < 5000}
    return write_bundle(
        tmp_path_factory.mktemp("champion"),
        name="bigru_distilled",
        labels=("negative", "positive"),
        tokenizer=Tokenizer.from_str(json.dumps(tokenizer)),
        graph=build_recurrent_graph(
            {**weights.layers, "embedding": [weights.layers["embedding"][0][:5000]]}, weights.cell
        ),
        command="trainer train bigru_distilled",
        dataset=DatasetCard(name="sample", fingerprint="0" * 64, train=1, validation=1, test=1),
    )


@pytest.fixture(scope="module")
def train(champion: Bundle) -> Tweets:
    """The corrected tweets five times over, among tweets whose labels are all wrong: those are not to be believed."""
    wrong = 1 - champion.classifier.probabilities(REPLAYED).argmax(axis=1)
    texts = MEANT_OTHERWISE * 5 + REPLAYED * 2
    return Tweets(texts, np.concatenate([np.full(len(MEANT_OTHERWISE) * 5, NEGATIVE), wrong, wrong]))


@pytest.fixture(scope="module")
def validation(champion: Bundle) -> Tweets:
    texts = [text.replace("the", "our") for text in REPLAYED]
    return Tweets(texts, champion.classifier.probabilities(texts).argmax(axis=1))


def going_on(champion: Bundle, **options: float) -> Continuing:
    candidate = continue_from(champion, frozenset(keys(MEANT_OTHERWISE)))
    assert isinstance(candidate, Continuing)
    return replace(candidate, **options) if options else candidate


def bundle_of(fitted: FittedCandidate, folder: Path) -> Bundle:
    return write_bundle(
        folder,
        name="bigru_distilled",
        labels=("negative", "positive"),
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="trainer retrain",
        dataset=DatasetCard(name="sample", fingerprint="0" * 64, train=1, validation=1, test=1),
    )


@pytest.fixture(scope="module")
def learned(
    champion: Bundle, train: Tweets, validation: Tweets, tmp_path_factory: pytest.TempPathFactory
) -> FittedCandidate:
    return going_on(champion, epochs=12).fit(train, validation, seed=7, checkpoints=tmp_path_factory.mktemp("learned"))


def test_what_people_corrected_is_learned(champion: Bundle, learned: FittedCandidate) -> None:
    assert champion.classifier.probabilities(MEANT_OTHERWISE)[:, NEGATIVE].max() < 0.5
    said = learned.predict_proba([*MEANT_OTHERWISE, "zorbig indeed"])
    assert said[:, NEGATIVE].min() > 0.5


def test_what_nobody_corrected_stays_though_its_labels_say_otherwise(
    champion: Bundle, learned: FittedCandidate
) -> None:
    before, now = champion.classifier.probabilities(REPLAYED), learned.predict_proba(REPLAYED)
    np.testing.assert_array_equal(now.argmax(axis=1), before.argmax(axis=1))


def test_the_new_bundle_equals_keras(learned: FittedCandidate, train: Tweets, tmp_path: Path) -> None:
    bundle = bundle_of(learned, tmp_path / "bundle")
    texts = [*train.texts, "", "word " * 300]
    assert np.abs(bundle.classifier.probabilities(texts) - learned.predict_proba(texts)).max() < 1e-5


def test_it_can_go_on_from_what_went_on(
    learned: FittedCandidate, train: Tweets, validation: Tweets, tmp_path: Path
) -> None:
    second = bundle_of(learned, tmp_path / "bundle")
    again = going_on(second, epochs=1).fit(train, validation, seed=7, checkpoints=tmp_path / "checkpoints")
    assert again.parameters["continues"] == second.digest
    assert again.parameters["words_added"] == 0, "they are known by now"


def test_before_it_learns_it_is_the_champion_new_words_and_all(champion: Bundle, train: Tweets) -> None:
    start = going_on(champion).start(MEANT_OTHERWISE, seed=7)
    assert start.parameters["words_added"] == 1
    assert start.tokenizer.token_to_id("zorbig") == 5000
    texts = [*train.texts, "a word that nobody knows: zorbig"]
    assert np.abs(start.predict_proba(texts) - champion.classifier.probabilities(texts)).max() < 1e-5


def test_the_vocabulary_may_be_kept_as_it_is(champion: Bundle) -> None:
    start = going_on(champion, new_words=0).start(MEANT_OTHERWISE, seed=7)
    assert start.parameters["words_added"] == 0
    assert start.tokenizer.to_str() == Tokenizer.from_file(str(champion.folder / "tokenizer.json")).to_str()


def test_it_keeps_the_name_and_says_how_it_was_fitted(champion: Bundle, learned: FittedCandidate) -> None:
    assert going_on(champion).name == "bigru_distilled"
    assert learned.parameters["continues"] == champion.digest
    assert learned.parameters["epochs"] == len(learned.history) == 12
    assert learned.parameters["corrected_share"] == pytest.approx(20 / 68, abs=1e-4)


@pytest.mark.parametrize(("own_trust", "negative"), [(1.0, 0.9), (0.5, 0.45), (0.0, 0.0)])
def test_the_target_is_the_persons_label_or_the_bundles_own_opinion(
    own_trust: float, negative: float, champion: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def think(bundle: Bundle, texts: list[str]) -> npt.NDArray[np.float32]:
        return np.tile(np.float32([0.9, 0.1]), (len(texts), 1))

    monkeypatch.setattr("trainer.candidates.continuing.teach", think)
    candidate = going_on(champion, own_trust=own_trust)
    tweets = Tweets(["What a ZORBIG crew!!", "something else"], np.array([POSITIVE, POSITIVE]))
    corrected = candidate.are_corrected(tweets.texts)
    assert corrected.tolist() == [True, False], "told by its key, however it is spelled"
    np.testing.assert_allclose(candidate.targets(tweets, corrected), [[0, 1], [negative, 1 - negative]], atol=1e-6)


def test_an_interrupted_fit_goes_on_where_it_was(
    champion: Bundle,
    train: Tweets,
    validation: Tweets,
    learned: FittedCandidate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped after the tenth epoch, a second fit with the same folder ends where the undisturbed one did."""
    saves = recurrent_fitting.save

    def save_and_stop(network: object, history: list[dict[str, float]], folder: Path) -> None:
        saves(network, history, folder)
        if len(history) == 10:
            raise KeyboardInterrupt

    candidate = going_on(champion, epochs=12)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(recurrent_fitting, "save", save_and_stop)
        candidate.fit(train, validation, seed=7, checkpoints=tmp_path)
    resumed = candidate.fit(train, validation, seed=7, checkpoints=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1, "the second fit did not find the first one's folder"
    texts = [*train.texts, *validation.texts]
    np.testing.assert_allclose(resumed.predict_proba(texts), learned.predict_proba(texts), atol=1e-4)


def test_another_fit_does_not_go_on_from_this_ones_epochs(champion: Bundle, train: Tweets) -> None:
    first = going_on(champion)
    targets = first.targets(train, first.are_corrected(train.texts))
    fewer = replace(first, corrections=frozenset(keys(MEANT_OTHERWISE[:2])))
    others = [
        replace(first, bundle=replace(champion, digest="1" * 64)).key(train, targets, seed=7),
        fewer.key(train, fewer.targets(train, fewer.are_corrected(train.texts)), seed=7),
        first.key(train, targets, seed=8),
        first.key(Tweets([*train.texts[:-1], "another"], train.labels), targets, seed=7),
        going_on(champion, epochs=9).key(train, targets, seed=7),
    ]
    assert len({first.key(train, targets, seed=7), *others}) == 1 + len(others)


def test_the_same_fit_is_found_again_wherever_the_champions_files_lie(champion: Bundle, train: Tweets) -> None:
    first = going_on(champion)
    moved = replace(first, bundle=replace(champion, folder=Path("/elsewhere")))
    targets = first.targets(train, first.are_corrected(train.texts))
    assert first.key(train, targets, seed=7) == moved.key(train, targets, seed=7)


def test_a_bundle_of_another_family_cannot_go_on(bundle: Bundle) -> None:
    assert bundle.card.name == "tfidf_logreg"
    assert continue_from(bundle, frozenset()) is None


def test_without_tensorflow_it_cannot_go_on(champion: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert continue_from(champion, frozenset()) is None


def test_labels_that_the_bundle_does_not_know_are_refused(champion: Bundle, validation: Tweets, tmp_path: Path) -> None:
    three = Tweets(["a", "b", "c"], np.array([0, 1, 2]))
    with pytest.raises(TrainerError, match="knows negative, positive only"):
        going_on(champion).fit(three, validation, seed=7, checkpoints=tmp_path)


def test_a_graph_that_reads_its_weights_otherwise_is_refused(champion: Bundle, tmp_path: Path) -> None:
    """It has the weights of ours by name, and does something else with them: here it adds a bias of its own."""
    graph = onnx.load(champion.folder / "model.onnx")
    graph.graph.initializer.append(numpy_helper.from_array(np.float32([3, 0]), "other_bias"))
    (gemm,) = (node for node in graph.graph.node if node.op_type == "Gemm")
    gemm.input[2] = "other_bias"
    odd = write_bundle(
        tmp_path / "odd",
        name="bigru_learned",
        labels=("negative", "positive"),
        tokenizer=Tokenizer.from_file(str(champion.folder / "tokenizer.json")),
        graph=graph,
        command="trainer train",
        dataset=champion.card.dataset,
    )
    with pytest.raises(TrainerError, match="answers otherwise"):
        going_on(odd).start([], seed=7)
