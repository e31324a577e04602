"""What each token did to an answer: the sum is right, a linear model's weights are found, places are the text's own."""

import math
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from tokenizers import Tokenizer
from tokenizers.normalizers import Lowercase, Replace, Sequence
from tokenizers.processors import TemplateProcessing

from inference.classifier import Classifier, load_classifier
from inference.explanation import explain
from inference.registry import RegistryVersion
from inference.schemas import ExplanationAnswer

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
# As in conftest, where p(negative) is the sigmoid of their sum.
WEIGHT_OF = {"late": 2.0, "lost": 3.0, "thanks": -2.0, "great": -3.0, "fine": 0.0}
TWEETS = [
    "late",
    "@united my flight was cancelled AGAIN &amp; nobody answers the phone \U0001f621 https://t.co/x #fail",
    "Thanks @JetBlue, great crew!! \U0001f60d\U0001f60d",
    "not bad at all, I don't regret it :-)",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 l'avion a 3 heures de retard \u00e0 Orl\u00e9y\u2026",
    "so so so so good " * 12,
]


@pytest.fixture
def tiny(make_bundle: Make) -> Classifier:
    return load_classifier(make_bundle())


@pytest.fixture(scope="module")
def champion() -> Classifier:
    return load_classifier(CHAMPION)


@pytest.mark.parametrize(
    "text", ["late", "late but great", "lost lost thanks", "great fine late unknown words", "LATE!"]
)
@pytest.mark.parametrize("label", ["negative", "positive"])
def test_of_a_linear_model_each_word_contributes_its_weight(tiny: Classifier, text: str, label: str) -> None:
    explanation = explain(tiny, text, label)
    sign = 1 if label == "negative" else -1
    for part in explanation.contributions:
        assert part.log_odds == pytest.approx(sign * WEIGHT_OF.get(part.token.lower(), 0.0), abs=1e-4)
    assert explanation.baseline == pytest.approx(0.0, abs=1e-4)
    assert (explanation.label, len(explanation.contributions) > 0) == (label, True)


def test_of_three_labels_the_odds_are_those_against_the_two_others(make_bundle: Make) -> None:
    classifier = load_classifier(make_bundle(labels=["negative", "neutral", "positive"]))
    parts = explain(classifier, "late lost", "negative").contributions
    assert [part.log_odds for part in parts] == pytest.approx([2.0, 3.0], abs=1e-4)


def test_the_contributions_add_up_to_what_the_text_adds(tiny: Classifier, make_bundle: Make) -> None:
    three = load_classifier(make_bundle("three", labels=["negative", "neutral", "positive"]))
    for classifier in (tiny, three):
        for label in classifier.description.labels:
            for text in (*TWEETS, "late lost thanks great " * 5):
                assert_adds_up(classifier, text, label)


@pytest.mark.parametrize("text", TWEETS)
def test_those_of_the_champion_add_up_too(champion: Classifier, text: str) -> None:
    for label in champion.description.labels:
        assert_adds_up(champion, text, label)


def assert_adds_up(classifier: Classifier, text: str, label: str) -> None:
    explanation = explain(classifier, text, label)
    total = sum(part.log_odds for part in explanation.contributions)
    assert total == pytest.approx(explanation.log_odds - explanation.baseline, abs=1e-6)
    [answer] = classifier.predict([text])
    share = answer.probabilities[label]
    assert explanation.log_odds == pytest.approx(log_odds(share, sum(answer.probabilities.values()) - share), abs=1e-3)


def log_odds(share: float, others: float) -> float:
    return math.log(share / others)


def test_a_text_without_a_token_has_no_contributions(tiny: Classifier) -> None:
    explanation = explain(tiny, "   ", "negative")
    assert explanation.contributions == []
    assert explanation.log_odds == explanation.baseline


def test_what_is_cut_off_is_not_explained(tiny: Classifier) -> None:
    assert len(explain(tiny, "late " * 100, "negative").contributions) == tiny.description.max_tokens


def test_places_are_of_the_text_as_it_was_sent(tiny: Classifier) -> None:
    text = "\U0001f621 \u0130 Late, Lost \U0001f468\u200d\U0001f469 GREAT"
    parts = explain(tiny, text, "negative").contributions
    assert all(text[part.start : part.end] == part.token for part in parts)
    assert {part.token: round(part.log_odds, 3) for part in parts if abs(part.log_odds) > 1e-3} == {
        "Late": 2.0,
        "Lost": 3.0,
        "GREAT": -3.0,
    }


@pytest.mark.parametrize("text", TWEETS)
def test_so_are_those_of_the_champion_in_order_and_apart(champion: Classifier, text: str) -> None:
    parts = explain(champion, text, "negative").contributions
    assert parts
    reached = 0
    for part in parts:
        assert part.start < part.end <= len(text)
        assert text[part.start : part.end] == part.token
        assert part.start >= reached or part.end <= reached
        reached = max(reached, part.end)


def test_a_handle_and_an_entity_are_named_as_they_stand_in_the_text(champion: Classifier) -> None:
    text = "@united is late &amp; rude"
    tokens = [part.token for part in explain(champion, text, "negative").contributions]
    assert {"late", "rude"} <= {token.strip() for token in tokens}
    assert "@united" in tokens
    # What stands for the entity is all of it, or it has no token.
    assert not any(token.strip() in ("&", "amp", ";", "&amp") for token in tokens)


def with_special_tokens(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.post_processor = TemplateProcessing(single="[UNK] $A [UNK]", special_tokens=[("[UNK]", 1)])
    return tokenizer


def test_special_tokens_stay_and_have_no_contribution(make_bundle: Make) -> None:
    plain = Tokenizer.from_file(str(make_bundle("plain") / "tokenizer.json"))
    weights = [0.0, 0.5, 2.0, 3.0, -2.0, -3.0, 0.0]
    golden = [{"text": "late", "probabilities": [0.9525741, 0.0474259]}]
    bundle = make_bundle(
        "framed", weights=weights, tokenizer=with_special_tokens(plain).to_str(), changes={"golden": golden}
    )
    explanation = explain(load_classifier(bundle), "late great", "negative")
    assert [(part.token, round(part.log_odds, 3)) for part in explanation.contributions] == [
        ("late", 2.0),
        ("great", -3.0),
    ]
    assert explanation.baseline == pytest.approx(1.0, abs=1e-4)


def test_a_replacement_longer_than_what_it_replaces_keeps_its_place(make_bundle: Make) -> None:
    plain = Tokenizer.from_file(str(make_bundle("plain") / "tokenizer.json"))
    plain.normalizer = Sequence([Replace(":(", " lost "), Lowercase()])
    classifier = load_classifier(make_bundle("longer", tokenizer=plain.to_str()))
    [first, second] = explain(classifier, "late :(", "negative").contributions
    assert ((first.token, first.start), (second.token, second.start)) == (("late", 0), (":(", 5))
    assert second.log_odds == pytest.approx(3.0, abs=1e-4)


def test_its_time_at_the_length_of_a_tweet(champion: Classifier) -> None:
    text = (TWEETS[1] + " ") * 3
    seconds = []
    for _ in range(15):
        started = time.perf_counter()
        explain(champion, text[:280], "negative")
        seconds.append(time.perf_counter() - started)
    # Shown with -rP.
    print(f"explained {len(text[:280])} characters in {statistics.median(seconds) * 1000:.1f} ms")  # noqa: T201


def predict(client: TestClient, text: str) -> str:
    prediction_id: str = client.post("/v1/predictions", json={"text": text}).json()["prediction_id"]
    return prediction_id


def ask(client: TestClient, prediction_id: object) -> tuple[int, bytes]:
    response = client.post(f"/v1/predictions/{prediction_id}/explanation")
    return response.status_code, response.content


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_over_http_a_prediction_is_explained_at_once(client: TestClient) -> None:
    prediction_id = predict(client, "late but great")
    status, content = ask(client, prediction_id)
    assert status == 200
    answer = ExplanationAnswer.model_validate_json(content, strict=True)
    assert (str(answer.prediction_id), answer.label) == (prediction_id, "positive")
    assert [(token.token, round(token.contribution, 3)) for token in answer.tokens] == [
        ("late", -2.0),
        ("but", 0.0),
        ("great", 3.0),
    ]
    assert answer.model.version == "pretrained"


def test_over_http_a_text_without_a_token_has_an_empty_list(make_bundle: Make, start_app: StartApp) -> None:
    plain = Tokenizer.from_file(str(make_bundle("plain") / "tokenizer.json"))
    plain.normalizer = Sequence([Replace("\u200b", ""), Lowercase()])
    with start_app(bundle=make_bundle("silent", tokenizer=plain.to_str())) as client:
        status, content = ask(client, predict(client, "\u200b"))
    assert (status, ExplanationAnswer.model_validate_json(content).tokens) == (200, [])


@pytest.mark.parametrize("unknown", [uuid4(), "no-such-id"])
def test_an_unknown_prediction_is_404(client: TestClient, unknown: object) -> None:
    status, content = ask(client, unknown)
    assert (status, b"no prediction" in content) == (404, True)


def promote(client: TestClient, bundle: Path) -> None:
    champion = client.app.state.resources.champion  # type: ignore[attr-defined]
    champion.serve(load_classifier(bundle), RegistryVersion(version="2"))


def test_after_a_promotion_the_model_that_serves_explains_the_label_if_it_knows_it(
    client: TestClient, make_bundle: Make
) -> None:
    negative, positive = predict(client, "late"), predict(client, "thanks")
    promote(client, make_bundle("other", labels=["negative", "other"]))
    status, content = ask(client, negative)
    assert (status, ExplanationAnswer.model_validate_json(content).model.version) == (200, "2")
    status, content = ask(client, positive)
    assert (status, b"does not know the label" in content) == (422, True)


def test_a_model_that_fails_on_the_text_is_503(client: TestClient, make_bundle: Make) -> None:
    prediction_id = predict(client, "lost")
    weights = [0.0, 0.0, 2.0, float("nan"), -2.0, -3.0, 0.0]
    golden = [{"text": "late", "probabilities": [0.8807971, 0.1192029]}]
    promote(client, make_bundle("sick", weights=weights, changes={"golden": golden}))
    status, content = ask(client, prediction_id)
    assert (status, b"no probability" in content) == (503, True)
