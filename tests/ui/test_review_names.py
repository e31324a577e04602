"""Who reviews: asked for once, told before it is sent where it cannot be, and the same on every page."""

from collections.abc import Callable

import pytest
from live_api import LiveApi
from person import keys, press, shown, type_and_analyse
from rejections import raise_alert
from review_queue import confirm, fill, said, without_glance
from streamlit.testing.v1 import AppTest

from ui.people import visitor
from ui.people.nameplate import name_objection
from ui.people.person import Person, Role
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.names
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def page(api: LiveApi, open_review: OpenPage) -> AppTest:
    fill(api)
    return without_glance(open_review(api.url))


def give_name(page: AppTest, name: str) -> None:
    page.text_input(key="reviewer").set_value(name).run()


def test_a_name_is_asked_for_and_why_is_said(page: AppTest) -> None:
    assert page.text_input(key="reviewer").label == WORDS.optional
    assert WORDS.why in shown(page)


def test_without_a_name_an_answer_is_nobodys_in_particular(page: AppTest, api: LiveApi) -> None:
    confirm(page)
    assert [each.reviewer for each in said(api)] == [None]


def test_with_a_name_all_answers_are_that_persons(page: AppTest, api: LiveApi) -> None:
    give_name(page, "  Ana ")
    assert "Ana" in [each.value for each in page.text]
    assert WORDS.why not in shown(page)
    confirm(page)
    confirm(page)
    pseudonyms = {each.reviewer for each in said(api)}
    assert len(pseudonyms) == 1 and None not in pseudonyms


def test_a_name_can_be_changed_and_taken_away(page: AppTest, api: LiveApi) -> None:
    give_name(page, "Ana")
    confirm(page)
    press(page, "change-name")
    give_name(page, "Ben")
    confirm(page)
    press(page, "change-name")
    assert page.text_input(key="reviewer").value == "Ben"
    give_name(page, "")
    confirm(page)
    [ana, ben, nobody] = [each.reviewer for each in said(api)]
    assert ana != ben and nobody is None
    assert WORDS.why in shown(page)


@pytest.mark.parametrize(
    ("name", "begin"),
    [("n" * 129, "This name is too long: 129 characters, and 128 is the most."), ("An\0a", "This name holds a char")],
)
def test_a_name_that_the_api_would_refuse_is_told_and_not_used(
    page: AppTest, api: LiveApi, name: str, begin: str
) -> None:
    give_name(page, name)
    assert page.warning[0].value.startswith(begin)
    assert page.text_input(key="reviewer").value == name
    confirm(page)
    assert [each.reviewer for each in said(api)] == [None]
    give_name(page, "Ana")
    assert not page.warning
    confirm(page)
    assert said(api)[-1].reviewer is not None


def test_the_longest_name_is_taken_by_the_api(page: AppTest, api: LiveApi) -> None:
    give_name(page, "é" * 128)
    confirm(page)
    assert said(api)[0].reviewer is not None


def test_an_empty_name_is_no_objection() -> None:
    assert name_objection("") is None


def test_a_name_is_shown_as_text(page: AppTest) -> None:
    give_name(page, "**Ana** ![x](https://evil.example/a.png)")
    assert "**Ana** ![x](https://evil.example/a.png)" in [each.value for each in page.text]
    assert "change-name" in keys(page)


def test_the_pages_share_one_name(api: LiveApi, open_page: OpenPage) -> None:
    page = open_page(api.url)
    type_and_analyse(page, "late again")
    press(page, "wrong")
    page.text_input[0].set_value(" Ana ")
    press(page, "send")
    assert page.session_state["nameplate"].name == "Ana"
    type_and_analyse(page, "never late")
    press(page, "correct")
    type_and_analyse(page, "late, and never sorry")
    press(page, "wrong")
    assert page.text_input[0].value == "Ana"
    [ana] = set(api.reviewers_of("late again"))
    assert api.reviewers_of("never late") == [ana] and ana is not None


def test_the_form_of_an_alert_knows_the_name(api: LiveApi, open_alerts: OpenPage) -> None:
    page = open_alerts(api.url)
    page.session_state["nameplate"].name = "Ana"
    raise_alert(api)
    page.run()
    assert page.text_input[0].value == "Ana"


def test_a_rejection_under_a_name_that_is_too_long_is_not_sent(api: LiveApi, open_page: OpenPage) -> None:
    page = open_page(api.url)
    type_and_analyse(page, "late again")
    press(page, "wrong")
    page.text_input[0].set_value("n" * 129)
    press(page, "send")
    assert page.warning[0].value.startswith("This name is too long: 129")
    assert not api.feedback_for("late again")
    page.text_input[0].set_value("")
    press(page, "send")
    assert api.reviewers_of("late again") == [None]


def test_a_verdict_that_is_kept_after_a_doubtful_change_keeps_its_name(api: LiveApi, open_page: OpenPage) -> None:
    page = open_page(api.url)
    type_and_analyse(page, "late again")
    page.session_state["nameplate"].name = "Ana"
    press(page, "correct")
    press(page, "change")
    press(page, "wrong")
    page.session_state["nameplate"].name = "Ben"
    api.answer_after(1.5)
    press(page, "send")
    api.answer_after(0)
    press(page, "keep")
    reviewers = api.reviewers_of("late again")
    assert reviewers[0] == reviewers[-1] is not None


def test_whoever_has_signed_in_is_not_asked(api: LiveApi, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "current_person", lambda *_: Person(Role.REVIEWER, "ana@example.org"))
    page = open_page(api.url)
    type_and_analyse(page, "late again")
    press(page, "wrong")
    assert not page.text_input
    press(page, "send")
    assert api.reviewers_of("late again") != [None]
