"""Promoting and rolling back from the page: what is asked, what is said before, what is sent, and how often."""

from collections.abc import Callable, Iterator

import pytest
from canned_models import CannedModels, check, move, served, verdict, version, with_challenger
from person import button, keys, press, shown
from streamlit.testing.v1 import AppTest

from ui.api.client import Client
from ui.api.model_answers import Journal, JournalEntry, ModelList, RegisteredVersion
from ui.models.model_board import ModelBoard
from ui.models.model_picture import Picture
from ui.models.move import Draft
from ui.models.move_form import chosen_version
from ui.settings import Settings
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.moves


@pytest.fixture
def api() -> Iterator[CannedModels]:
    """Version 2 has passed the gate and wants to become champion."""
    api = with_challenger()
    with served(api):
        yield api


@pytest.fixture
def page(api: CannedModels, open_models: Callable[[str], AppTest]) -> AppTest:
    return open_models(api.url)


@pytest.fixture
def moved(open_models: Callable[[str], AppTest]) -> Iterator[tuple[AppTest, CannedModels]]:
    """The champion is version 2, which was promoted after version 1."""
    versions = [version("2", aliases=["champion"]), version("1")]
    moves = [move("promotion", "1", "2", at="2026-03-01T12:30:00Z"), move("found", None, "1", by=None, reason=None)]
    api = CannedModels(versions=versions, champion="2", moves=moves, back="1")
    with served(api) as url:
        yield open_models(url), api


def write(page: AppTest, reason: str = "better on delays", name: str = "Ana") -> None:
    page.text_area[0].set_value(reason)
    page.text_input[0].set_value(name)


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def test_a_promotion_says_what_will_happen_and_is_sent_once_it_is_confirmed(page: AppTest, api: CannedModels) -> None:
    assert page.selectbox[0].value == "2"
    write(page, " better on delays ", " Ana ")
    press(page, "consider-promotion")
    assert "Version 2 answers all tweets within seconds. Version 1 stays one step away" in shown(page)
    assert "Ana: better on delays" in texts(page)
    assert api.sent == []
    press(page, "send-promotion")
    assert api.sent == [("/v1/promotions", {"version": "2", "reason": "better on delays", "by": "Ana"})]
    assert page.success[0].value == WORDS.promoted.format(version="2")
    assert page.subheader[0].value.endswith("Champion: version 2")
    assert "Promoted" in texts(page)


def test_whoever_changes_their_mind_finds_what_they_typed(page: AppTest, api: CannedModels) -> None:
    write(page)
    press(page, "consider-promotion")
    press(page, "back-promotion")
    assert (page.text_area[0].value, page.text_input[0].value) == ("better on delays", "Ana")
    assert api.sent == []


def test_the_name_is_remembered_for_the_next_move(page: AppTest) -> None:
    write(page)
    press(page, "consider-promotion")
    press(page, "send-promotion")
    assert page.text_input[0].value == "Ana"
    assert page.text_area[0].value == ""
    assert "consider-rollback-0" in keys(page)


@pytest.mark.parametrize(
    ("reason", "name", "said"),
    [
        ("  ", "Ana", WORDS.reason_missing),
        ("better", " ", WORDS.name_missing),
        ("r" * 1001, "Ana", "This reason is too long: 1,001 characters"),
        ("better", "n" * 129, "This name is too long: 129 characters"),
    ],
)
def test_what_is_missing_or_too_long_is_told_and_nothing_is_lost(
    page: AppTest, api: CannedModels, reason: str, name: str, said: str
) -> None:
    write(page, reason, name)
    press(page, "consider-promotion")
    assert page.warning[0].value.startswith(said)
    assert (page.text_area[0].value, page.text_input[0].value) == (reason, name)
    write(page)
    press(page, "consider-promotion")
    assert not page.warning
    assert "send-promotion" in keys(page)


def test_another_version_that_passed_is_offered_and_has_to_be_chosen(
    open_models: Callable[[str], AppTest],
) -> None:
    api = with_challenger(check("time", False))
    api.versions.append(version("3", verdict=verdict("3")))
    with served(api) as url:
        page = open_models(url)
        assert page.selectbox[0].options == ["3, bigru_distilled"]
        write(page)
        press(page, "consider-promotion")
        assert page.warning[0].value == WORDS.version_missing
        page.selectbox[0].set_value("3")
        press(page, "consider-promotion")
        press(page, "send-promotion")
    assert [body["version"] for _, body in api.sent] == ["3"]


def test_a_refusal_gives_the_reasons_of_the_api_as_they_are(page: AppTest, api: CannedModels) -> None:
    reason = "Version 2 did not pass the gate. time: 9.7 ms; <b>at most</b> 5."
    api.refuse("/v1/promotions", 409, reason)
    write(page)
    press(page, "consider-promotion")
    press(page, "send-promotion")
    assert page.error[0].value == WORDS.refused
    assert reason in texts(page)
    assert not page.success
    assert page.subheader[0].value.endswith("Champion: version 1")


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_key_says_which_variable_to_set(page: AppTest, api: CannedModels, status: int) -> None:
    api.refuse("/v1/promotions", status, "This needs the owner's key.")
    write(page)
    press(page, "consider-promotion")
    press(page, "send-promotion")
    assert page.error[0].value == WORDS.refused_key
    assert "UI_OWNER_KEY" in page.error[0].value


def test_the_key_of_the_page_goes_with_moves_and_with_nothing_else(
    api: CannedModels, open_models: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UI_OWNER_KEY", "s3cret")
    page = open_models(api.url)
    write(page)
    press(page, "consider-promotion")
    press(page, "send-promotion")
    with_key = {path for path, _, key in api.asked if key is not None}
    assert with_key == {"/v1/promotions"}
    assert ("/v1/promotions", "Bearer s3cret") in [(path, key) for path, _, key in api.asked]
    assert "s3cret" not in shown(page)


def test_a_busy_api_is_asked_again_with_what_was_confirmed(page: AppTest, api: CannedModels) -> None:
    api.refuse("/v1/promotions", 503, "The champion is being changed at this moment.", Retry_After="2")
    write(page)
    press(page, "consider-promotion")
    press(page, "send-promotion")
    assert page.error[0].value.endswith(WORDS.kept)
    assert "The champion is being changed at this moment." in texts(page)
    del api.instead["/v1/promotions"]
    press(page, "send-promotion")
    assert page.success[0].value == WORDS.promoted.format(version="2")


def test_an_api_that_goes_away_in_the_middle_loses_nothing(page: AppTest, api: CannedModels) -> None:
    write(page)
    press(page, "consider-promotion")
    api.refuse("/v1/models", 503, "The registry gives no usable answer.")
    press(page, "send-promotion")
    assert api.sent == []
    assert len(page.error) == 2
    assert "Ana: better on delays" in texts(page)
    del api.instead["/v1/models"]
    press(page, "send-promotion")
    assert page.success
    assert len(api.sent) == 1


def test_a_move_whose_answer_was_lost_is_found_in_the_journal_and_not_sent_again(
    page: AppTest, api: CannedModels
) -> None:
    api.loses_answers = True
    write(page)
    press(page, "consider-promotion")
    press(page, "send-promotion")
    assert page.success[0].value == WORDS.promoted.format(version="2")
    assert not page.error
    assert len(api.sent) == 1


def test_a_rollback_whose_answer_was_lost_goes_back_one_step_only(moved: tuple[AppTest, CannedModels]) -> None:
    page, api = moved
    api.loses_answers = True
    write(page, "worse on delays", "Ben")
    press(page, "consider-rollback")
    press(page, "send-rollback")
    assert page.success[0].value == WORDS.rolled_back.format(version="1")
    assert [path for path, _ in api.sent] == ["/v1/rollbacks"]


def test_a_rollback_says_where_it_leads_and_goes_there(moved: tuple[AppTest, CannedModels]) -> None:
    page, api = moved
    assert WORDS.roll_back_intro.format(version="1") in shown(page)
    write(page, "worse on delays", "Ben")
    press(page, "consider-rollback")
    assert "Version 1 answers all tweets again within seconds, in place of version 2." in shown(page)
    press(page, "send-rollback")
    assert api.sent == [("/v1/rollbacks", {"reason": "worse on delays", "by": "Ben"})]
    assert page.success[0].value == WORDS.rolled_back.format(version="1")
    assert page.subheader[0].value.endswith("Champion: version 1")
    assert WORDS.no_way_back in shown(page)


def test_where_the_journal_does_not_tell_the_rollback_leads_to_the_champion_before(
    moved: tuple[AppTest, CannedModels],
) -> None:
    page, api = moved
    api.moves = [move("promotion", "1", "7")]
    page.run()
    assert WORDS.roll_back_intro_unknown in shown(page)
    write(page)
    press(page, "consider-rollback")
    assert WORDS.roll_back_confirm_unknown.format(champion="2") in shown(page)


def test_a_champion_that_changed_after_the_question_is_not_rolled_back_unseen(
    moved: tuple[AppTest, CannedModels],
) -> None:
    page, api = moved
    write(page, "worse on delays", "Ben")
    press(page, "consider-rollback")
    api.moves.insert(0, move("rollback", "2", "1", at="2026-03-01T12:40:00Z", by="Cleo"))
    api.champion, api.back = "1", None
    press(page, "send-rollback")
    assert page.warning[0].value == WORDS.changed
    assert api.sent == []


def test_clicks_that_come_twice_are_one_move(api: CannedModels) -> None:
    board = ModelBoard(Settings(), Client(Settings(api_url=api.url)))
    board.refresh()
    draft = Draft("better", "Ana", "2", "1", None)
    board.promotion.consider(draft)
    for _ in range(2):
        board.send(board.promotion, draft)
    assert len(api.sent) == 1
    assert board.promotion.done is not None


def test_somebody_elses_move_with_other_words_is_not_taken_for_ones_own(api: CannedModels) -> None:
    board = ModelBoard(Settings(), Client(Settings(api_url=api.url)))
    board.refresh()
    board.promotion.consider(Draft("better", "Ana", "2", "1", None))
    api.refuse("/v1/promotions", 503, "")
    draft = board.promotion.draft
    assert draft is not None
    board.send(board.promotion, draft)
    api.moves.insert(0, move("promotion", "1", "2", at="2026-03-01T12:40:00Z", by="Cleo", reason="better"))
    board.refresh()
    assert board.promotion.done is None
    api.moves.insert(0, move("promotion", "1", "2", at="2026-03-01T12:41:00Z", by="Ana", reason="better"))
    board.refresh()
    done: JournalEntry | None = board.promotion.done
    assert done is not None
    assert done.by == "Ana"


def test_the_first_champion_is_said_to_have_none_before_it(open_models: Callable[[str], AppTest]) -> None:
    api = CannedModels(
        versions=[version("2", verdict=verdict("2", against=None))], champion=None, challenger="2", moves=[]
    )
    with served(api) as url:
        page = open_models(url)
        assert "Passed: there was no champion to compare it with" in shown(page)
        write(page)
        press(page, "consider-promotion")
        assert WORDS.promote_first_confirm.format(version="2") in shown(page)
        press(page, "send-promotion")
    assert page.success[0].value == WORDS.promoted.format(version="2")


def test_markup_in_a_reason_or_a_name_is_only_ever_plain_text(page: AppTest, api: CannedModels) -> None:
    write(page, "![x](https://example.org/a.png) \u202egnp", "<b>Ana</b>")
    press(page, "consider-promotion")
    assert "<b>Ana</b>: ![x](https://example.org/a.png) gnp" in texts(page)
    assert not [found.value for found in page.markdown if "example" in found.value or "<b>" in found.value]
    press(page, "send-promotion")
    assert api.sent[0][1]["by"] == "<b>Ana</b>"


def test_while_somebody_types_the_version_that_was_chosen_stays_chosen(page: AppTest, api: CannedModels) -> None:
    write(page, "half a reason", "")
    press(page, "consider-promotion")
    api.versions.insert(0, version("3", verdict=verdict("3")))
    api.challenger = "3"
    page.run()
    assert (page.selectbox[0].value, page.text_area[0].value) == ("2", "half a reason")
    assert button(page, "consider-promotion").label == WORDS.promote_asks


def test_a_name_that_was_given_stands_in_the_other_form_too(page: AppTest, api: CannedModels) -> None:
    """Also where that was drawn, with an empty field, before there was a name."""
    api.moves, api.back = [move("promotion", "7", "1")], "7"
    page.run()
    assert [field.value for field in page.text_input] == ["", ""]
    write(page)
    press(page, "consider-promotion")
    assert [field.value for field in page.text_input] == ["Ana"]


def test_what_the_browser_shows_is_a_version_only_under_its_number() -> None:
    models = ModelList(champion="1", challenger="2", items=[RegisteredVersion.model_validate(version("2"))])
    picture = Picture(models, Journal(items=[], champion=None, rollback_to=None), [], None, None)
    assert chosen_version(picture, "2") == "2"
    assert [chosen_version(picture, other) for other in ("2, tfidf_logreg", "3", None)] == [None, None, None]
