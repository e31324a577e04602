"""Signing in as it is set up: not at all, wholly, or in part; and what stands before the pages."""

import time
from pathlib import Path

import pytest
from live_api import LiveApi, free_port
from person import button, keys, shown, type_and_analyse
from signed_in import APP, AUTH, OWNER, REVIEWER, ROLES, STRANGER, VIEWER, alerts_script, claims_of, open_signed_in
from streamlit.testing.v1 import AppTest

from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

WORDS = ENGLISH.people
NOBODY: dict[str, object] = {"is_logged_in": False}


@pytest.fixture
def nowhere() -> str:
    """Where no API answers: what asks it fails aloud."""
    return f"http://127.0.0.1:{free_port()}"


def is_closed(page: AppTest) -> bool:
    return not page.exception and not page.text_area and ENGLISH.page_title not in shown(page)


def test_where_nothing_is_set_up_the_pages_are_open_and_nobody_is_named(page: AppTest) -> None:
    assert page.title[0].value == ENGLISH.page_title
    assert not {"sign-in", "sign-out"} & set(keys(page))


@pytest.mark.parametrize("claims", [{}, NOBODY, {"is_logged_in": "yes"} | {"email": OWNER, "iat": time.time()}])
def test_before_the_sign_in_there_is_one_button_and_no_page(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi, claims: dict[str, object]
) -> None:
    page = open_signed_in(monkeypatch, api.url, claims)
    assert is_closed(page)
    assert page.title[0].value == WORDS.title
    assert keys(page) == ["sign-in"]


@pytest.mark.parametrize(("address", "role"), [(OWNER, "owner"), (REVIEWER, "reviewer"), (VIEWER, "viewer")])
def test_whoever_has_a_role_sees_the_page_their_address_and_the_role(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi, address: str, role: str
) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(address.upper()))
    assert not page.exception
    assert ENGLISH.page_title in shown(page)
    assert address in [text.value for text in page.text]
    assert ENGLISH.roles[role.upper()] in [caption.value for caption in page.caption]
    assert "sign-out" in keys(page)


def test_whoever_has_no_role_is_told_so_with_the_address_and_may_sign_out(
    monkeypatch: pytest.MonkeyPatch, nowhere: str
) -> None:
    page = open_signed_in(monkeypatch, nowhere, claims_of(STRANGER))
    assert is_closed(page)
    assert page.title[0].value == WORDS.no_access
    assert STRANGER in [text.value for text in page.text]
    assert keys(page) == ["sign-out"]


def test_whoever_can_sign_in_may_look_where_viewers_are_everybody(
    monkeypatch: pytest.MonkeyPatch, api: LiveApi
) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(STRANGER), UI_VIEWERS="*")
    assert ENGLISH.page_title in shown(page)


@pytest.mark.parametrize("more", [{"email_verified": False}, {"email": "a b@example.org"}, {"email": 7}])
def test_an_account_without_a_verified_address_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, nowhere: str, more: dict[str, object]
) -> None:
    page = open_signed_in(monkeypatch, nowhere, claims_of(OWNER, **more))
    assert is_closed(page)
    assert WORDS.no_address in shown(page)
    assert OWNER not in shown(page)


def test_the_claim_gives_the_role_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(STRANGER, roles=["reviewer"]), UI_ROLE_CLAIM="roles")
    assert "reviewer" in [caption.value for caption in page.caption]


def test_a_sign_in_of_yesterday_does_not_hold_today(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    page = open_signed_in(monkeypatch, nowhere, claims_of(OWNER, iat=time.time() - 86_400))
    assert is_closed(page)
    assert keys(page) == ["sign-in"]


def test_what_was_on_the_page_is_gone_when_the_sign_in_ends(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(OWNER))
    type_and_analyse(page, "late never")
    assert "late never" in shown(page)
    page.user = NOBODY
    page.run()
    assert is_closed(page)
    page.user = claims_of(REVIEWER)
    page.run()
    assert REVIEWER in shown(page)
    assert "late never" not in shown(page)
    assert page.text_area(key="tweet").value == ""


def test_another_account_in_the_same_session_starts_with_nothing(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(OWNER))
    type_and_analyse(page, "late never")
    page.user = claims_of(VIEWER)
    page.run()
    assert "late never" not in shown(page)
    assert ENGLISH.not_allowed.format(role="reviewer") not in shown(page)
    type_and_analyse(page, "late again")
    assert ENGLISH.not_allowed.format(role="reviewer") in shown(page)


def test_signing_out_closes_the_pages_in_the_same_run(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    page = open_signed_in(monkeypatch, api.url, claims_of(OWNER))
    type_and_analyse(page, "late never")
    button(page, "sign-out").click().run()
    assert is_closed(page)
    assert "late never" not in shown(page)


def test_a_page_that_is_reached_without_the_app_draws_and_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, nowhere: str
) -> None:
    page = open_signed_in(monkeypatch, nowhere, NOBODY, script=alerts_script)
    assert not page.exception and not page.error and not keys(page)


def test_the_entrance_speaks_the_language_that_is_chosen(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    page = open_signed_in(monkeypatch, nowhere, NOBODY)
    page.segmented_control[0].set_value("fr").run()
    assert page.title[0].value == FRENCH.people.title
    page.run()
    assert page.title[0].value == FRENCH.people.title


BAD = {
    "redirect_uri": [
        "http://sentiment.example.org/oauth2callback",
        "https://sentiment.example.org/",
        "oauth2callback",
        7,
    ],
    "cookie_secret": ["short", " " * 40, ["0123456789abcdef" * 2]],
    "client_id": [" ", 7],
    "client_secret": [" ", True],
    "server_metadata_url": ["http://provider.example.org/", "provider.example.org", "ftp://localhost/", "http://[", 7],
}


@pytest.mark.parametrize("name", AUTH)
def test_half_a_configuration_closes_the_pages_and_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, nowhere: str, name: str
) -> None:
    rest = {key: value for key, value in AUTH.items() if key != name}
    for half in (rest, rest | {name: ""}, *(rest | {name: bad} for bad in BAD[name])):
        page = open_signed_in(monkeypatch, nowhere, claims_of(OWNER), auth=half)
        assert is_closed(page) and not keys(page)
        assert page.error[0].value == WORDS.set_up_in_part
        assert page.markdown[-1].value == f"- {WORDS.parts[name]}"
        assert not [value for key, value in AUTH.items() if "secret" in key and value in str(page.main)]


def test_a_provider_without_anybody_who_may_come_in_is_half_a_configuration(
    monkeypatch: pytest.MonkeyPatch, nowhere: str
) -> None:
    page = open_signed_in(monkeypatch, nowhere, claims_of(OWNER), UI_OWNERS="", UI_REVIEWERS="", UI_VIEWERS=" ")
    assert is_closed(page)
    assert page.markdown[-1].value == f"- {WORDS.parts['roles']}"


@pytest.mark.parametrize("name", [*ROLES, "UI_ROLE_CLAIM"])
def test_roles_without_a_provider_are_half_a_configuration(
    monkeypatch: pytest.MonkeyPatch, nowhere: str, name: str
) -> None:
    monkeypatch.setenv("UI_API_URL", nowhere)
    monkeypatch.setenv(name, OWNER)
    page = AppTest.from_file(str(APP), default_timeout=20).run()
    assert is_closed(page) and not keys(page)
    assert page.error[0].value == WORDS.set_up_in_part
    assert all(WORDS.parts[part] in page.markdown[-1].value for part in AUTH)


def test_a_section_that_is_no_section_closes_the_pages(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    monkeypatch.setenv("UI_API_URL", nowhere)
    page = AppTest.from_file(str(APP), default_timeout=20)
    page.secrets["auth"] = "client_id"
    page.run()
    assert is_closed(page)
    assert page.error[0].value == WORDS.set_up_in_part


def test_secrets_of_other_things_leave_the_pages_open(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    monkeypatch.setenv("UI_API_URL", api.url)
    page = AppTest.from_file(str(APP), default_timeout=20)
    page.secrets["something"] = {"else": "1"}
    page.run()
    assert page.title[0].value == ENGLISH.page_title


def test_an_address_that_cannot_be_one_names_the_variable(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    page = open_signed_in(monkeypatch, nowhere, claims_of(OWNER), UI_OWNERS="olga")
    assert is_closed(page)
    assert "UI_OWNERS" in page.error[0].value


def test_on_this_machine_addresses_need_no_encryption(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    local = {"redirect_uri": "http://localhost:8501/oauth2callback", "server_metadata_url": "http://127.0.0.1:9/"}
    page = open_signed_in(monkeypatch, api.url, claims_of(OWNER), auth=dict(AUTH) | local)
    assert ENGLISH.page_title in shown(page)


def test_nothing_of_the_token_but_the_address_is_shown(monkeypatch: pytest.MonkeyPatch, api: LiveApi) -> None:
    secret = {"sub": "subject-77", "nonce": "nonce-77", "picture": "https://evil.example/x", "name": "Name-77"}
    page = open_signed_in(monkeypatch, api.url, claims_of(OWNER, **secret))
    assert not [value for value in secret.values() if value in str(page.main)]


def test_the_file_that_is_handed_over_has_every_name_that_is_asked_for() -> None:
    """What docs and messages call the values is what Streamlit calls them."""
    assert set(WORDS.parts) == {*AUTH, "roles"}
    source = (Path(APP).parent / "people" / "sign_in.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in source for name in AUTH)
