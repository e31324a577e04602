"""Reading the page of models: who answers, who wants to, what speaks for it, and what others wrote into it."""

from collections.abc import Callable, Iterator

import pytest
from canned_models import (
    CannedModels,
    check,
    disagreement,
    drift,
    move,
    served,
    shadow,
    verdict,
    version,
    with_challenger,
)
from live_api import free_port
from odd_api import odd_api
from person import keys, shown
from streamlit.testing.v1 import AppTest

from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.models
OpenPage = Callable[[str], AppTest]
See = Callable[[CannedModels], AppTest]
HOSTILE = ["<script>alert(1)</script> x", "![x](https://example.org/a.png)", ":red[**x**] $x$ `x` \u202egnp.exe"]


@pytest.fixture
def see(open_models: OpenPage) -> Iterator[See]:
    """The page in front of this API, which goes on answering until the test is over."""
    running = []

    def see(api: CannedModels) -> AppTest:
        context = served(api)
        running.append(context)
        page = open_models(context.__enter__())
        assert not page.exception
        return page

    yield see
    for context in running:
        context.__exit__(None, None, None)


def rendered(page: AppTest) -> list[str]:
    """What is shown with its markup carried out."""
    kinds = (page.title, page.subheader, page.caption, page.markdown, page.error, page.warning, page.success, page.info)
    return [str(element.value) for kind in kinds for element in kind] + [fold.label for fold in page.expander]


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def test_the_champion_says_what_it_is_since_when_and_who_made_it_so(see: See) -> None:
    api = CannedModels(moves=[move("promotion", "9", "1", at="2026-03-01T13:00:00+02:00")])
    page = see(api)
    assert page.subheader[0].value.endswith("Champion: version 1")
    for found in ("bigru_distilled", "sentiment140", "10123456789a", "2026-03-01 11:00:00 UTC, by Ana"):
        assert found in texts(page)


def test_since_when_is_not_invented_where_the_journal_speaks_of_another_version(see: See) -> None:
    assert WORDS.since_unknown in texts(see(CannedModels(moves=[move("promotion", None, "7")])))


def test_a_card_is_shown_as_the_text_that_it_is(see: See) -> None:
    card = "# Card\n\n![x](https://example.org/a.png) <b>x</b> [x](https://example.org) \u202ex"
    page = see(CannedModels(versions=[version("1", aliases=["champion"], card=card)]))
    assert page.code[0].value == card.replace("\u202e", "")
    assert page.code[0].language in ("", "plaintext", None)
    assert not [value for value in rendered(page) if "example" in value]


def test_a_version_without_a_card_says_so(see: See) -> None:
    assert WORDS.no_card in shown(see(CannedModels()))


def test_what_still_answers_is_named_where_it_is_not_the_champion(see: See) -> None:
    page = see(CannedModels(serves="8"))
    assert page.info[0].value == WORDS.serves_other.format(version="8")


def test_a_champion_whose_bundle_the_api_refused_is_said_not_to_answer(see: See) -> None:
    page = see(CannedModels(serves="8", refused={"version": "1", "reason": "model.onnx: wrong hash", "at": "x"}))
    assert page.warning[0].value == WORDS.serves_refused.format(version="8")
    assert "model.onnx: wrong hash" in texts(page)


def test_an_api_without_a_model_in_memory_still_shows_its_registry(see: See) -> None:
    api = CannedModels()
    api.refuse("/v1/model", 503, "No verified model is in memory yet.")
    page = see(api)
    assert page.warning[0].value == WORDS.serves_unknown
    assert page.subheader[0].value.endswith("Champion: version 1")


def test_without_a_champion_the_page_says_what_to_do(see: See) -> None:
    page = see(CannedModels(versions=[], champion=None, moves=[]))
    assert WORDS.no_champion in [found.value for found in page.subheader]
    for words in (WORDS.no_champion_what, WORDS.journal_none, WORDS.versions_none, ENGLISH.moves.no_way_back):
        assert words in shown(page)


def test_a_champion_that_is_not_among_the_latest_versions_is_named_all_the_same(see: See) -> None:
    page = see(CannedModels(versions=[version("2")]))
    assert page.subheader[0].value.endswith("Champion: version 1")
    assert WORDS.unlisted.format(count=50) in shown(page)


@pytest.mark.parametrize("challenger", [None, "1"])
def test_no_challenger_says_how_to_get_one(see: See, challenger: str | None) -> None:
    page = see(CannedModels(challenger=challenger))
    assert WORDS.no_challenger_what in shown(page)
    assert ENGLISH.moves.nothing_to_promote in shown(page)
    assert not [key for key in keys(page) if key.startswith("consider-promotion")]


def test_a_challenger_that_passed_says_against_whom_and_shows_every_check(see: See) -> None:
    page = see(with_challenger(check("labels", found="the same"), check("time", found="0.05 ms; at most 5")))
    assert "Passed: 2 of 2 checks, compared with version 1" in shown(page)
    assert WORDS.every_check.format(count=2) in [fold.label for fold in page.expander]
    assert "time: 0.05 ms; at most 5" in texts(page)


def test_a_refused_challenger_names_what_failed_before_anything_else_and_cannot_be_promoted(see: See) -> None:
    page = see(with_challenger(check("labels", found="the same"), check("time", False, "9.7 ms; at most 5")))
    assert "Refused: 1 of 2 checks failed, compared with version 1" in shown(page)
    assert texts(page).index("time: 9.7 ms; at most 5") < texts(page).index("labels: the same")
    assert ENGLISH.moves.nothing_to_promote in shown(page)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": None}, "Not judged yet: run `trainer gate 2`"),
        (
            {"verdict": verdict("2", against="7")},
            "compared with version 7, which is not the champion now: run `trainer",
        ),
        ({"verdict": verdict("3")}, "Judged another bundle than this one: run `trainer gate 2`"),
    ],
)
def test_a_verdict_that_does_not_count_says_what_to_run(see: See, changes: dict[str, object], said: str) -> None:
    page = see(with_challenger(**changes))
    assert said in shown(page)
    assert ENGLISH.moves.nothing_to_promote in shown(page)


def test_live_tweets_say_how_often_they_disagree_who_was_right_and_what_it_costs(see: See) -> None:
    api = with_challenger()
    api.shadows = [shadow(champion_version="7"), shadow(dropped=3)]
    page = see(api)
    for found in (
        "1,234 tweets, from 2026-03-01 10:00:00 UTC to 2026-03-01 12:00:00 UTC",
        "on 56, 4.5% (95 % interval: 3.5% to 5.9%)",
        "the challenger on 8, the champion on 2 of 10 judged by people (p = 0.11)",
        "the challenger 3.55 ms, the champion 53 μs",
        "3 tweets, because too many waited",
    ):
        assert found in texts(page)


def test_disagreements_nobody_judged_have_no_winner(see: See) -> None:
    api = with_challenger()
    api.shadows = [shadow(challenger_right=0, champion_right=0, p_value=None)]
    assert WORDS.live_judged_none in texts(see(api))


def test_the_last_disagreements_say_what_each_said_and_people(see: See) -> None:
    api = with_challenger()
    api.shadows = [shadow(disagreements=[disagreement(right_label="negative"), disagreement(None)])]
    page = see(api)
    first = texts(page).index("not bad at all")
    assert texts(page)[first : first + 4] == ["not bad at all", "Negative", "Positive", "Negative"]
    second = texts(page).index(WORDS.text_not_kept)
    assert texts(page)[second + 3] == WORDS.nobody


@pytest.mark.parametrize("shadows", [[], [shadow(champion_version="7")], [shadow(compared=0)]])
def test_without_live_tweets_that_count_the_page_says_how_they_come(see: See, shadows: list[dict[str, object]]) -> None:
    api = with_challenger()
    api.shadows = shadows
    assert WORDS.live_none in shown(see(api))


def test_the_journal_is_a_table_with_the_latest_first_and_found_in_words(see: See) -> None:
    moves = [
        move("rollback", "2", "1", by="Ben", reason="worse on delays"),
        move("promotion", "1", "2"),
        move("found", None, "1", by=None, reason=None),
    ]
    page = see(CannedModels(moves=moves))
    kinds = [text for text in texts(page) if text in WORDS.kinds.values()]
    assert kinds == ["Rolled back", "Promoted", "Found"]
    first = texts(page).index("Rolled back")
    assert texts(page)[first + 1 : first + 4] == ["2 → 1", "Ben", "worse on delays"]
    assert "– → 1" in texts(page)
    assert WORDS.found_why in texts(page)


def test_a_long_journal_and_a_long_list_of_versions_are_said_to_be_cut(see: See) -> None:
    api = CannedModels(
        versions=[version(str(number)) for number in range(1, 10)] * 6, moves=[move("promotion", "1", "1")] * 21
    )
    api.versions = api.versions[:50]
    page = see(api)
    assert WORDS.journal_limit.format(count=20) in shown(page)
    assert WORDS.versions_limit.format(count=50) in shown(page)
    assert texts(page).count("Promoted") == 20


def test_all_versions_are_listed_with_alias_and_verdict(see: See) -> None:
    api = with_challenger(check("time", False))
    api.versions.append(version("3", verdict=verdict("3"), candidate=None))
    page = see(api)
    first = texts(page).index("challenger")
    assert texts(page)[first - 1] == "2"
    assert [text for text in texts(page) if text in WORDS.verdicts.values()] == ["Refused", "Not judged", "Passed"]
    assert WORDS.unknown in texts(page)


def test_without_a_drift_report_the_page_says_how_to_get_one(see: See) -> None:
    assert WORDS.drift_none in shown(see(CannedModels()))


@pytest.mark.parametrize("state", ["stable", "moved", "drifted"])
def test_the_last_drift_report_says_its_state_in_words_and_its_reasons(see: See, state: str) -> None:
    page = see(CannedModels(reports=[drift(state), drift("stable", reasons=["an older one"])]))
    assert f"**{WORDS.drift_states[state]}**: {WORDS.drift_words[state]}" in shown(page)
    for found in (
        "• more unknown words than before: 9 % instead of 3 %",
        "1,000 predictions in 2 windows",
        "https://mlflow.example.org/#/runs/1",
        "Moved: 9 % instead of 3 %",
    ):
        assert found in texts(page)
    assert "• an older one" not in texts(page)
    assert WORDS.drift_other not in shown(page)


def test_a_drift_report_of_an_earlier_champion_is_said_to_be_that(see: See) -> None:
    page = see(CannedModels(reports=[drift("stable", model_version="7", link=None, monitors=[])]))
    assert WORDS.drift_other in shown(page)
    assert WORDS.drift_link not in shown(page)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_by_others_is_only_ever_plain_text(see: See, text: str) -> None:
    """In reasons, names, texts, figures, and in what ought to be a number."""
    api = with_challenger(check(text, False, text), candidate=text, dataset=text, card=text)
    api.versions[1] |= {"version": text, "digest": text, "aliases": [text]}
    api.champion = text
    api.moves = [move("promotion", text, text, by=text, reason=text), move(text, None, "2")]
    api.shadows = [shadow(champion_version=text, disagreements=[disagreement(text, label=text, right_label=text)])]
    monitor = {"name": text, "statistic": 1, "threshold": 1, "moved": False, "words": text}
    report = drift(model_version=text, reasons=[text], reference=text, link=text, monitors=[monitor])
    api.reports = [report]
    api.serves, api.refused = text, {"version": text, "reason": text, "at": "x"}
    page = see(api)
    assert texts(page).count(text.replace("\u202e", "")) >= 10
    assert "\u202e" not in "".join([*texts(page), *rendered(page), *(code.value for code in page.code)])
    pieces = ("<script", "](", ":red[**", "$", "https:")
    assert not [value for value in rendered(page) if any(piece in value for piece in pieces)]


def test_an_api_that_is_away_is_named_and_said_to_be_asked_again(open_models: OpenPage) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    page = open_models(url)
    assert page.error[0].value == f"The API at `{url}` does not answer. It is asked again every 10 seconds."
    assert len(page.subheader) == 0


def test_what_was_known_stays_when_the_api_goes_away_and_says_how_old_it_is(open_models: OpenPage) -> None:
    with served(with_challenger()) as url:
        page = open_models(url)
    page.run()
    assert not page.exception
    assert "does not answer. What you see here is of " in page.error[0].value
    assert page.subheader[0].value.endswith("Champion: version 1")


@pytest.mark.parametrize("path", ["/v1/models", "/v1/journal", "/v1/shadow", "/v1/drift-reports"])
def test_half_an_answer_changes_nothing_that_is_shown(see: See, path: str) -> None:
    api = with_challenger()
    page = see(api)
    api.champion = "2"
    api.refuse(path, 503, "The registry gives no usable answer.", Retry_After="2")
    page.run()
    assert "It asks to wait 2 seconds. What you see here is of " in page.error[0].value
    assert "The registry gives no usable answer." in texts(page)
    assert page.subheader[0].value.endswith("Champion: version 1")
    del api.instead[path]
    page.run()
    assert not page.error
    assert page.subheader[0].value.endswith("Champion: version 2")


def test_an_api_without_models_is_said_to_be_older(open_models: OpenPage) -> None:
    with odd_api(404, b'{"detail": "Not Found."}') as url:
        page = open_models(url)
    assert page.error[0].value == WORDS.refused


def test_an_answer_outside_the_contract_is_said_and_not_shown(open_models: OpenPage) -> None:
    with odd_api(200, b'{"items": [{"version": 1}]}') as url:
        page = open_models(url)
    assert not page.exception
    assert "does not understand (status 200)" in page.error[0].value
