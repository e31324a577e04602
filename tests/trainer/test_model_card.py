"""The model card: everything a reader asks, generated, and short enough for the registry."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from trainer.__main__ import app
from trainer.bundle import Bundle, load_bundle, set_decision
from trainer.gate import Check, Verdict
from trainer.model_card import LONGEST, NOT_JUDGED, model_card, shortened, terms_of, with_verdict
from trainer.registry import register
from trainer.settings import Settings

CHAMPION = Path(__file__).parents[2] / "models" / "champion"


@pytest.fixture(scope="module")
def champion() -> Bundle:
    return load_bundle(CHAMPION)


def verdict(checks: int = 20, failed: int = 0) -> Verdict:
    found = [
        Check(
            name=f"macro-F1, set {number}", passed=number >= failed, found=f"0.843 -> 0.7{number:02}, a long sentence"
        )
        for number in range(checks)
    ]
    return Verdict(
        passed=not failed,
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        digest="b" * 64,
        against_version="1",
        against_digest="a" * 64,
        checks=found,
    )


def test_the_champions_card_answers_what_a_reader_asks(champion: Bundle) -> None:
    card, text = champion.card, model_card(champion)
    sections = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert sections == [
        "What it is for",
        "Labels",
        "What it scores",
        "The gate",
        "Where it fails",
        "What it learned from",
        "How to make it again",
        "Files",
    ]
    assert text.startswith(f"# {card.name}\n")
    assert f"is at least {card.threshold:.3f}, else positive" in text
    assert f"Between {card.abstain_band[0]:.3f} and {card.abstain_band[1]:.3f} it is marked `abstained`" in text
    assert all(f"| {scores.dataset}, {scores.split} |" in text for scores in card.metrics)
    assert f"{card.dataset.train:,} tweets to fit" in text
    assert all(digest in text for digest in (*card.files.values(), champion.digest, card.dataset.fingerprint))
    assert card.command in text
    assert "CC BY-NC-SA 4.0" in text
    assert "emoticons" in text
    assert NOT_JUDGED in text
    assert len(text) < LONGEST


def test_a_card_without_figures_says_how_to_have_them(bundle: Bundle) -> None:
    assert "`trainer evaluate` measures it" in model_card(bundle)


def test_the_threshold_of_three_labels_is_of_a_share(bundle: Bundle) -> None:
    three = replace(bundle, card=bundle.card.model_copy(update={"labels": ["negative", "neutral", "positive"]}))
    text = model_card(three)
    assert "negative's share against its strongest rival" in text
    assert "likelier of the two" not in text
    assert "likelier of the two" in model_card(bundle)


def test_the_verdict_stands_in_the_card_with_its_figures(champion: Bundle) -> None:
    text = model_card(champion, verdict(failed=1))
    assert "Refused on 2026-03-01 12:00 UTC, against version 1: 19 of 20 checks passed." in text
    assert "- **refused** macro-F1, set 0: 0.843 -> 0.700" in text
    assert "- macro-F1, set 7: 0.843 -> 0.707" in text
    assert text.index("set 0:") < text.index("set 1:")


def test_a_later_verdict_takes_the_place_of_the_one_before(champion: Bundle) -> None:
    judged = with_verdict(with_verdict(model_card(champion), verdict(failed=3)), verdict())
    assert judged == model_card(champion, verdict())
    assert "Refused" not in judged


def test_a_first_champion_was_compared_with_nobody(champion: Bundle) -> None:
    first = verdict().model_copy(update={"against_version": None, "against_digest": None})
    assert "in a registry without champion" in model_card(champion, first)


def test_a_verdict_that_is_too_long_names_what_failed(champion: Bundle) -> None:
    judged = with_verdict(model_card(champion), verdict(checks=100, failed=2))
    assert len(judged) <= LONGEST
    assert judged.count("**refused**") == 2
    assert "98 of 100 checks passed" in judged
    assert "set 50" not in judged
    assert "## Files" in judged


def test_whatever_comes_the_registry_can_keep_it(champion: Bundle) -> None:
    judged = with_verdict(model_card(champion), verdict(checks=200, failed=200))
    assert len(judged) == LONGEST
    assert "`trainer card` prints the whole" in judged
    assert shortened("short") == "short"


def test_a_description_that_somebody_wrote_keeps_its_words() -> None:
    judged = with_verdict("Made by hand.", verdict())
    assert judged.startswith("Made by hand.\n\n## The gate\n")


def test_terms_are_those_of_every_part() -> None:
    found = terms_of("sentiment140+us_airline:4+corrections")
    assert "sentiment140: No licence stated" in found
    assert "us_airline: CC BY-NC-SA" in found
    assert "corrections: its terms are its owner’s to say." in found


def test_terms_may_be_given(bundle: Bundle) -> None:
    assert "Ours alone." in model_card(bundle, terms="Ours alone.")


def test_every_registered_version_has_its_card(bundle: Bundle, client: MlflowClient, settings: Settings) -> None:
    versions = [register(each, client, settings).version for each in (bundle, set_decision(bundle, 0.3, (0.2, 0.4)))]
    cards = [client.get_model_version(settings.model_name, version).description for version in versions]
    assert cards[1] == model_card(load_bundle(bundle.folder))
    assert "at least 0.500" in cards[0]


def test_the_card_is_printed_by_a_command(champion: Bundle) -> None:
    answer = CliRunner().invoke(app, ["card", str(CHAMPION)])
    assert answer.exit_code == 0
    assert answer.stdout.strip() == model_card(champion).strip()
