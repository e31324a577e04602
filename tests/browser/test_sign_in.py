"""Signing in at a real provider, in a real browser: who gets in, as whom, and who does not."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import requests
from live_api import LiveApi, free_port
from playwright.sync_api import Browser, Page, expect
from rejections import client_of

from tests.browser.provider import (
    CLAIMED,
    COOKIE,
    OWNER,
    REVIEWER,
    SOON,
    STRANGER,
    UNVERIFIED,
    VIEWER,
    GuardedPages,
    guarded_pages,
    provider,
    sign_in,
    sign_in_button,
    sign_out,
    visit,
    write_secrets,
)
from tests.browser.raw_session import Told, run_once, signed
from tests.browser.test_analyse import analyse
from tests.browser.watching import served_pages, watched_page
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

pytestmark = pytest.mark.browser

WORDS = ENGLISH.people
WANTS_REVIEWER = ENGLISH.not_allowed.format(role=ENGLISH.roles["REVIEWER"])
WANTS_OWNER = ENGLISH.not_allowed.format(role=ENGLISH.roles["OWNER"])


@pytest.fixture(scope="module")
def guarded(chromium: Browser, shared_api: LiveApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPages]:
    folder = tmp_path_factory.mktemp("secrets")
    with provider() as url, guarded_pages(folder, shared_api.url, url) as pages:
        yield pages


@pytest.fixture
def visitor(chromium: Browser, guarded: GuardedPages) -> Iterator[Page]:
    with visit(chromium, guarded) as screen:
        yield screen


def keep_picture(screen: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOT_DIR")
    if folder:
        screen.wait_for_timeout(500)
        screen.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def come_in(screen: Page, who: str, role: str) -> None:
    sign_in(screen, who)
    expect(screen.get_by_label("Tweet", exact=True)).to_be_visible(timeout=SOON)
    expect(screen.get_by_text(who, exact=True)).to_be_visible()
    expect(screen.locator(".st-key-visitor").get_by_text(role, exact=True)).to_be_visible()


def test_a_viewer_signs_in_reads_and_signs_out_and_the_pages_are_closed_again(visitor: Page) -> None:
    expect(visitor.get_by_label("Tweet", exact=True)).to_have_count(0)
    come_in(visitor, VIEWER, "viewer")
    analyse(visitor, "late, said the viewer")
    expect(visitor.get_by_text(WANTS_REVIEWER)).to_be_visible()
    expect(visitor.get_by_role("button", name=ENGLISH.correct)).to_have_count(0)
    sign_out(visitor)
    expect(visitor.get_by_label("Tweet", exact=True)).to_have_count(0)
    assert COOKIE not in {cookie["name"] for cookie in visitor.context.cookies()}
    visitor.reload()
    expect(sign_in_button(visitor)).to_be_visible(timeout=SOON)


def test_a_reviewers_rejection_is_stored_under_a_pseudonym(visitor: Page, api: LiveApi) -> None:
    text = "late, said the reviewer"
    come_in(visitor, REVIEWER, "reviewer")
    analyse(visitor, text)
    visitor.get_by_role("button", name=ENGLISH.wrong).click()
    visitor.get_by_role("button", name=ENGLISH.send, exact=True).click()
    expect(visitor.get_by_text("Thank you")).to_be_visible(timeout=SOON)
    assert [row.verdict for row in api.feedback_for(text)] == ["rejected"]
    (reviewer,) = api.reviewers_of(text)
    assert reviewer and REVIEWER not in reviewer


def test_a_reviewer_may_not_promote_and_an_owner_does_in_their_own_name(
    chromium: Browser, model_api: LiveApi, tmp_path: Path
) -> None:
    promote = ENGLISH.moves.promote_now.format(version="2")
    with (
        provider() as address,
        guarded_pages(tmp_path, model_api.url, address) as pages,
        visit(chromium, pages) as screen,
    ):
        come_in(screen, REVIEWER, "reviewer")
        screen.get_by_role("link", name=ENGLISH.models.page).click()
        expect(screen.get_by_text(WANTS_OWNER)).to_have_count(2, timeout=SOON)
        expect(screen.get_by_role("button", name=ENGLISH.moves.promote_asks)).to_have_count(0)
        sign_out(screen)
        come_in(screen, OWNER, "owner")
        screen.get_by_role("link", name=ENGLISH.models.page).click()
        form = screen.locator(".st-key-promotion")
        form.get_by_label(ENGLISH.moves.reason).fill("Better on delays", timeout=SOON)
        expect(form.get_by_label(ENGLISH.moves.name)).to_have_count(0)
        form.get_by_role("button", name=ENGLISH.moves.promote_asks).click()
        form.get_by_role("button", name=promote).click(timeout=SOON)
        expect(screen.get_by_text(ENGLISH.moves.promoted.format(version="2"))).to_be_visible(timeout=SOON)
    (promotion, *_) = client_of(model_api).read_journal(5).items
    assert (promotion.kind, promotion.by) == ("promotion", OWNER)


def test_nothing_of_secrets_and_tokens_is_in_the_log(
    chromium: Browser, api: LiveApi, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with provider() as address, guarded_pages(tmp_path, api.url, address) as pages:
        with visit(chromium, pages) as screen:
            come_in(screen, OWNER, "owner")
            kept = [str(cookie["value"]) for cookie in screen.context.cookies()]
            screen.goto(f"{pages.url}/oauth2callback?code=of-somebody-else&state=of-somebody-else")
            expect(screen.get_by_label("Tweet", exact=True)).to_be_visible(timeout=SOON)
            sign_out(screen)
        run_once(pages.url, cookies={COOKIE: kept[0][::-1]})
    logged = "".join(capfd.readouterr())
    secrets = [value for name, value in pages.secrets.items() if "secret" in name]
    assert not [value for value in (*secrets, *kept, OWNER, "eyJ", "of-somebody-else") if value in logged]


def test_with_the_provider_away_nobody_gets_in(chromium: Browser, api: LiveApi, tmp_path: Path) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    with guarded_pages(tmp_path, api.url, away) as pages, visit(chromium, pages) as screen:
        sign_in_button(screen).click()
        # Streamlit's own words, and all of them.
        expect(screen.get_by_text("Authentication error", exact=True)).to_be_visible(timeout=SOON)
        screen.goto(pages.url)
        expect(sign_in_button(screen)).to_be_visible(timeout=SOON)


def test_whoever_stands_on_no_list_is_told_so_and_may_take_another_account(visitor: Page) -> None:
    sign_in(visitor, STRANGER)
    expect(visitor.get_by_role("heading", name=WORDS.no_access)).to_be_visible(timeout=SOON)
    expect(visitor.get_by_text(STRANGER, exact=True)).to_be_visible()
    expect(visitor.get_by_label("Tweet", exact=True)).to_have_count(0)
    keep_picture(visitor, "no-access")
    sign_out(visitor)
    come_in(visitor, VIEWER, "viewer")


def test_an_owners_address_that_is_not_verified_opens_nothing(visitor: Page) -> None:
    sign_in(visitor, UNVERIFIED)
    expect(visitor.get_by_text(WORDS.no_address)).to_be_visible(timeout=SOON)
    expect(visitor.get_by_label("Tweet", exact=True)).to_have_count(0)


def test_a_role_in_the_token_lets_in_who_is_on_no_list(visitor: Page) -> None:
    come_in(visitor, CLAIMED, "reviewer")


def test_whoever_refuses_at_the_provider_is_back_at_the_entrance(visitor: Page) -> None:
    sign_in_button(visitor).click()
    visitor.get_by_role("button", name="Deny").click(timeout=SOON)
    expect(sign_in_button(visitor)).to_be_visible(timeout=SOON)


def test_the_cookie_is_signed_kept_from_scripts_and_from_other_sites(visitor: Page, guarded: GuardedPages) -> None:
    come_in(visitor, OWNER, "owner")
    cookies = {cookie["name"]: cookie for cookie in visitor.context.cookies()}
    assert {COOKIE, f"{COOKIE}_tokens"} <= set(cookies)
    for name in (COOKIE, f"{COOKIE}_tokens"):
        assert (cookies[name]["httpOnly"], cookies[name]["sameSite"]) == (True, "Lax")
    assert COOKIE not in visitor.evaluate("document.cookie")
    told = visitor.content()
    assert not [value for name, value in guarded.secrets.items() if "secret" in name and value in told]


def claims(pages: GuardedPages, **changes: object) -> str:
    """What Streamlit keeps of an owner who has just signed in."""
    usual: dict[str, object] = {"origin": pages.url, "is_logged_in": True, "provider": "default", "iat": time.time()}
    return json.dumps(usual | {"email": OWNER, "email_verified": True} | changes)


def is_open(told: Told) -> bool:
    assert told.says("sign-out") != told.says("sign-in")
    assert told.says(ENGLISH.page_title) == told.says("sign-out")
    return told.says("sign-out")


def test_only_a_cookie_that_was_signed_here_opens_the_pages(guarded: GuardedPages) -> None:
    secret = guarded.secrets["cookie_secret"]
    good = signed(secret, claims(guarded), COOKIE)
    payload, _, signature = good.partition(".")
    assert is_open(run_once(guarded.url, cookies={COOKIE: good}))
    forged = {
        "of another secret": signed("another", claims(guarded), COOKIE),
        "of no secret": signed("", claims(guarded), COOKIE),
        "of another cookie": signed(secret, claims(guarded), f"{COOKIE}_tokens"),
        "of other pages": signed(secret, claims(guarded, origin="https://evil.example"), COOKIE),
        "not signed": payload,
        "with another signature": f"{payload}.{signature[::-1]}",
        "not a cookie": "x" * 3000,
        "of yesterday": signed(secret, claims(guarded, iat=time.time() - 86_400), COOKIE),
        "of nobody": signed(secret, "[]", COOKIE),
    }
    assert [what for what, cookie in forged.items() if is_open(run_once(guarded.url, cookies={COOKIE: cookie}))] == []


def test_a_session_without_the_cookie_runs_no_page_whichever_it_asks_for(guarded: GuardedPages) -> None:
    told = run_once(guarded.url)
    assert not is_open(told)
    assert len(set(told.page_hashes)) >= 3
    assert not [page for page in told.page_hashes if is_open(run_once(guarded.url, page=page))]


def test_a_session_of_somebody_else_is_not_taken_over(guarded: GuardedPages) -> None:
    cookie = signed(guarded.secrets["cookie_secret"], claims(guarded), COOKIE)
    theirs = run_once(guarded.url, cookies={COOKIE: cookie})
    mine = run_once(guarded.url, session_id=theirs.session_id)
    assert not is_open(mine)
    assert mine.session_id != theirs.session_id


def test_another_browser_is_not_signed_in_and_another_tab_is(
    visitor: Page, chromium: Browser, guarded: GuardedPages
) -> None:
    come_in(visitor, OWNER, "owner")
    tab = visitor.context.new_page()
    tab.goto(guarded.url)
    expect(tab.get_by_label("Tweet", exact=True)).to_be_visible(timeout=SOON)
    with visit(chromium, guarded) as other:
        expect(other.get_by_label("Tweet", exact=True)).to_have_count(0)


def test_the_provider_sends_people_back_to_the_address_that_was_set_up_only(guarded: GuardedPages) -> None:
    answer = requests.get(
        f"{guarded.url}/oauth2callback?code=x&state=y&redirect_uri=https://evil.example",
        headers={"Host": guarded.url.removeprefix("http://"), "X-Forwarded-Host": "evil.example"},
        allow_redirects=False,
        timeout=10,
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert COOKIE not in answer.cookies


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_the_entrance_and_the_name_fit(
    chromium: Browser, guarded: GuardedPages, width: int, scheme: Literal["light", "dark"], locale: str
) -> None:
    words = (FRENCH if locale == "fr-FR" else ENGLISH).people
    long = claims(guarded, email=f"{'very.long.name.' * 6}ana@example.org", groups="reviewer")
    cookie = signed(guarded.secrets["cookie_secret"], long, COOKIE)
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, locale=locale)
    screen = context.new_page()
    for title, button in (("entrance", words.sign_in), ("inside", words.sign_out)):
        screen.goto(guarded.url)
        expect(screen.get_by_role("button", name=button)).to_be_in_viewport(timeout=SOON)
        keep_picture(screen, f"{title}-{locale[:2]}-{scheme}-{width}")
        main = screen.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": guarded.url}])
    context.close()


def test_half_a_file_closes_the_pages_for_everybody(
    chromium: Browser, api: LiveApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(write_secrets(tmp_path / "half.toml", {"client_id": "pages"})))
    monkeypatch.setenv("UI_OWNERS", "*")
    with served_pages(api.url) as url, watched_page(chromium, url, url.replace("http", "ws")) as screen:
        screen.goto(url)
        expect(screen.get_by_text(WORDS.set_up_in_part)).to_be_visible(timeout=SOON)
        expect(screen.get_by_text("cookie_secret")).to_be_visible()
        keep_picture(screen, "half")
        assert not run_once(url).says(ENGLISH.page_title)


def test_a_file_that_is_not_there_closes_the_pages_where_roles_were_given(
    api: LiveApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(tmp_path / "lost.toml"))
    monkeypatch.setenv("UI_OWNERS", OWNER)
    with served_pages(api.url) as url:
        told = run_once(url)
    assert told.says(WORDS.set_up_in_part) and not told.says(ENGLISH.page_title)
