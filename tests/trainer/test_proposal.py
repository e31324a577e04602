"""What a proposal says, to whom, and what it keeps to itself."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from trainer.bundle import Bundle
from trainer.dataset import Tweets
from trainer.document import to_markdown
from trainer.feedback import Correction
from trainer.gate import Check, Verdict
from trainer.paired import Paired, pair
from trainer.poisoning import Contributor, LeftOut
from trainer.proposal import (
    BehaviourFlip,
    Learned,
    Proposal,
    compare_behaviours,
    compare_sets,
)
from trainer.proposal_words import reason_of, words_of, write_proposal
from trainer.test_sets import TestSet as OneSet

SECRET = "the secret crew was lovely"


class Turned:
    """Answers the opposite of what the model inside says."""

    def __init__(self, inside: Bundle) -> None:
        self.inside = inside.classifier
        self.labels = inside.classifier.labels

    def probabilities(self, texts: list[str]) -> np.ndarray:
        return self.inside.probabilities(texts)[:, ::-1]

    def decide(self, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.inside.decide(probabilities)


@pytest.fixture
def turned(bundle: Bundle) -> Bundle:
    return replace(bundle, classifier=Turned(bundle))  # type: ignore[arg-type]


def correction(place: int, text: str, label: str) -> Correction:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Correction(f"prediction-{place}", text, label, "ada", "negative", "1", at, False, text)


@pytest.fixture
def held_out() -> list[Correction]:
    return [correction(1, SECRET, "positive"), correction(2, "they lost my secret bag", "negative")]


@pytest.fixture
def pairs(bundle: Bundle, turned: Bundle, held_out: list[Correction]) -> list[Paired]:
    """The challenger has all right that the champion has wrong."""
    texts = ["<b>they lost my bag</b>", "great flight, thank you"]
    return pair(
        turned,
        bundle,
        [
            OneSet("sample", "test", Tweets(texts, np.array([0, 1]))),
            OneSet("mine", "test", Tweets(["they lost my own bag", "thank you so much"], np.array([0, 1]))),
            OneSet("feedback", "test", Tweets([each.text for each in held_out], np.array([1, 0]))),
        ],
    )


MakeProposal = Callable[..., Proposal]


@pytest.fixture
def propose(pairs: list[Paired], held_out: list[Correction]) -> MakeProposal:
    def make(passed: bool = True, **learned: object) -> Proposal:
        checks = [Check(name="macro-F1, sample test", passed=passed, found="0.7 -> 0.6 on 335 tweets: -10.0 points")]
        return Proposal(
            model="tweet-sentiment",
            version="4",
            digest="d" * 64,
            candidate="tfidf_logreg",
            verdict=Verdict(
                passed=passed,
                at=datetime(2026, 1, 2, tzinfo=UTC),
                digest="d" * 64,
                against_version="3",
                against_digest="e" * 64,
                checks=checks,
            ),
            learned=LEARNED.model_copy(update=learned),
            sets=compare_sets(pairs, held_out, seed=7),
            behaviours_gained=[],
            behaviours_lost=[
                BehaviourFlip(
                    where="x.csv, line 2", capability="irony", texts="“oh great”", expected="negative", found="positive"
                )
            ],
            card="# the card",
            run_id="run",
        )

    return make


LEARNED = Learned(
    since=0,
    until=120,
    verdicts=120,
    new_verdicts=20,
    labels=100,
    trained_on=70,
    held_out=20,
    copies=3,
    replay="sample",
    train_tweets=1400,
    contributors=[Contributor("0123456789abcdef", 60, 0.6, 42), Contributor("unnamed", 40, 0.4, 2)],
    left_out=[LeftOut("in a test set, and stay there", 9)],
    distrusted=["fedcba9876543210"],
    trusted=[],
)


def test_every_gain_and_loss_is_listed(propose: MakeProposal) -> None:
    sample, mine, feedback = propose().sets
    assert [len(each.gains) for each in (sample, mine, feedback)] == [2, 2, 2]
    assert sorted(flip.text or "" for flip in sample.gains) == ["<b>they lost my bag</b>", "great flight, thank you"]
    [lost_bag] = [flip for flip in sample.gains if flip.right == "negative"]
    assert (lost_bag.champion, lost_bag.challenger) == ("positive", "negative")
    assert sample.losses == [] and sample.negative_flip_rate == 0


def test_a_loss_is_a_negative_flip(bundle: Bundle, turned: Bundle) -> None:
    test = OneSet("sample", "test", Tweets(["they lost my bag", "great flight, thank you"], np.array([0, 1])))
    [found] = compare_sets(pair(bundle, turned, [test]), [], seed=7)
    assert (len(found.losses), len(found.gains), found.negative_flip_rate) == (2, 0, 1.0)


def test_of_peoples_tweets_only_ids_and_labels_are_written(propose: MakeProposal, tmp_path: Path) -> None:
    proposal = propose()
    write_proposal(proposal, tmp_path / "proposal")
    written = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "proposal").iterdir()}
    assert set(written) == {"proposal.md", "proposal.html", "proposal.json"}
    for content in written.values():
        assert "secret" not in content
        assert "prediction-1" in content and "prediction-2" in content
    assert "texts stay where they can be erased" in written["proposal.md"]


def test_a_file_of_ones_own_is_not_published_by_being_tested_on(propose: MakeProposal) -> None:
    assert [flip.text for flip in propose().sets[1].gains] == [None, None]
    assert sorted(flip.tweet for flip in propose().sets[1].gains) == ["mine, 1", "mine, 2"]


def test_tweets_are_escaped_in_html(propose: MakeProposal, tmp_path: Path) -> None:
    write_proposal(propose(), tmp_path)
    page = (tmp_path / "proposal.html").read_text(encoding="utf-8")
    assert "<b>they" not in page and "&lt;b&gt;they lost my bag" in page


def test_the_first_screen_says_what_it_is_and_what_to_do(propose: MakeProposal) -> None:
    lines = to_markdown(words_of(propose())).splitlines()[:20]
    screen = "\n".join(lines)
    assert lines[0] == "# tweet-sentiment, version 4: passed the gate"
    assert "On 2 tweets that people judged and it did not learn, it is right in 100.0%; the champion in 0.0%." in screen
    assert "learned from 70 tweets that people judged, beside the tweets of sample" in screen
    assert 'trainer promote 4 --reason "..."' in screen
    assert "| what people judged | 2 | 0.0% | 100.0% | 2 | 0 | may be (p = 0.5) |" in screen


def test_a_refused_one_says_why_and_offers_no_promotion(propose: MakeProposal) -> None:
    text = to_markdown(words_of(propose(passed=False)))
    assert "Version 4 may not become champion: macro-F1, sample test." in text
    assert "macro-F1, sample test: 0.7 -&gt; 0.6 on 335 tweets" in text
    assert "trainer promote" not in text and "the champion goes on" in text


def test_who_gave_what_and_what_was_left_out_is_said(propose: MakeProposal) -> None:
    text = to_markdown(words_of(propose(trusted=["0123456789abcdef"])))
    assert "| 0123456789abcdef | 60 | 60.0% | 42 |" in text
    assert "| in a test set, and stay there | 9 |" in text
    assert "contradict most of what others say of the same tweets: fedcba9876543210" in text
    assert "120 verdicts were read (cursors 0 to 120), 20 of them new since the proposal before" in text
    assert "70 were learned, each shown 3 times, 20 were held out" in text
    assert "Vouched for by whoever started this: 0123456789abcdef" in text


def test_behaviours_slices_and_the_card_are_there(propose: MakeProposal) -> None:
    text = to_markdown(words_of(propose()))
    assert "| irony | “oh great” | negative | positive | x.csv, line 2 |" in text
    assert "Slices of sample, test" in text and "# the card" in text


def test_the_json_is_the_whole_of_it(propose: MakeProposal, tmp_path: Path) -> None:
    proposal = propose()
    write_proposal(proposal, tmp_path)
    content = json.loads((tmp_path / "proposal.json").read_text(encoding="utf-8"))
    assert Proposal.model_validate(content) == proposal
    assert {"macro_f1_low", "accuracy_high", "calibration_error"} <= set(content["sets"][0]["challenger"])


def test_behavioural_tests_that_changed_are_found(bundle: Bundle, turned: Bundle, tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text(
        "capability,text,changed,expected\nloss,they lost my bag,,negative\nsame,late late,very late late,same\n"
    )
    gained, lost = compare_behaviours(turned, bundle, tmp_path)
    assert [(each.capability, each.found) for each in gained] == [("loss", "negative")] and lost == []
    assert compare_behaviours(bundle, turned, tmp_path)[1][0].texts == "“they lost my bag”"


def test_no_behavioural_tests_are_no_change(bundle: Bundle, turned: Bundle, tmp_path: Path) -> None:
    assert compare_behaviours(turned, bundle, tmp_path / "nothing") == ([], [])


def test_the_journals_reason_has_the_figures_and_fits(propose: MakeProposal) -> None:
    reason = reason_of(propose())
    assert reason.startswith(
        "learned from 70 tweets that people judged, passed the gate; macro-F1: sample 0.000 to 1.000"
    )
    many = propose().model_copy(update={"sets": propose().sets * 40})
    assert len(reason_of(many)) == 1000
