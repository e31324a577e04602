"""People on the pages without browsers: the protocol against small pages of Streamlit's, and what is said of a run."""

import asyncio
import random
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.core import drive
from bench.page_client import PageClient, PageFailed, read_token
from bench.page_person import ANALYSE, BACK, CORRECT, ELSEWHERE, OPEN, REFRESH, SEND, WRONG, Person, Sample
from bench.page_screen import NotOnScreen, Screen
from bench.page_servers import started_pages
from bench.running import Running
from bench.sessions import read_options
from bench.sessions_measuring import Measured, Memory, Round, resident
from bench.sessions_report import misses_target, report
from bench.wire import Address

# As much of the real pages as a person uses, and what goes wrong when a tweet says so.
PAGES = """
import streamlit as st

def tweet():
    with st.form("form"):
        text = st.text_area("Tweet", key="tweet")
        if st.form_submit_button("Analyse", key="analyse"):
            st.session_state.update(asked=text, number=st.session_state.get("number", 0) + 1, stored=False, wrong=False)
    if "asked" not in st.session_state:
        return
    number, stored = st.session_state.number, st.session_state.stored
    st.text(f"You said: {st.session_state.asked}")
    if "breaks" in st.session_state.asked:
        raise ValueError("broken by a tweet")
    if "fails" in st.session_state.asked:
        st.error("the API is away")
    update = st.session_state.update
    st.button("Correct", key=f"correct-{number}", on_click=update, args=({"stored": True},), disabled=stored)
    st.button("Wrong", key=f"wrong-{number}", on_click=update, args=({"wrong": True},), disabled=stored)
    if st.session_state.wrong and not stored:
        with st.form(f"rejection-{number}"):
            st.radio("Right", ["negative", "positive"], key=f"label-{number}", index=None)
            st.form_submit_button("Send", key=f"send-{number}", on_click=send, args=(number,))
    st.text("a long line that is sent once " * 500)

def send(number):
    st.session_state.stored = st.session_state[f"label-{number}"] == "negative"

def monitor():
    st.title("Monitor")
    st.fragment(times, run_every=0.5)()

def times():
    st.session_state.times = st.session_state.get("times", 0) + 1
    st.text_input("Times", value=str(st.session_state.times), key=f"times-{st.session_state.times}")

def former():
    st.title("Moved")

pages = [
    st.Page(tweet, url_path="tweet", default=True),
    st.Page(monitor, url_path="monitor"),
    st.Page(former, url_path="former", visibility="hidden"),
]
st.navigation(pages).run()
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "app").mkdir()
    (folder / "app" / "app.py").write_text(PAGES)
    with started_pages(folder, folder / "app" / "app.py", "http://127.0.0.1:1") as server:
        yield server


@pytest.fixture(scope="module")
def token(pages: Running) -> str:
    return read_token(pages.address)


@pytest.fixture
def in_tab(pages: Running, token: str) -> Callable:
    """Runs the scenario in a tab that has opened the page."""

    def run(scenario: Callable) -> object:
        async def opened() -> object:
            async with PageClient(pages.address, token) as tab:
                assert await tab.open() == []
                return await scenario(tab)

        return drive(opened())

    return run


def test_the_server_gives_the_token_that_a_browser_sends_back(token: str) -> None:
    assert token.count("|") == 3


def test_a_tweet_is_typed_and_its_answer_judged(in_tab: Callable) -> None:
    async def scenario(tab: PageClient) -> None:
        assert not any(key.startswith("correct-") for key in tab.screen.widgets)
        assert await tab.click("analyse", {"tweet": "late again"}) == []
        assert not tab.screen.find("correct-").is_disabled
        assert await tab.click("correct-") == []
        assert tab.screen.find("correct-").is_disabled

    in_tab(scenario)


def test_a_rejection_carries_the_label_that_was_chosen(in_tab: Callable) -> None:
    async def scenario(tab: PageClient) -> None:
        await tab.click("analyse", {"tweet": "lovely"})
        await tab.click("wrong-")
        label = tab.screen.find("label-")
        assert label.options == ("negative", "positive")
        await tab.click("send-", {label.key: "positive"})
        assert not tab.screen.find("wrong-").is_disabled
        await tab.click("send-", {label.key: "negative"})
        assert tab.screen.find("wrong-").is_disabled

    in_tab(scenario)


def test_each_answer_has_buttons_of_its_own_and_only_the_newest_are_there(in_tab: Callable) -> None:
    async def scenario(tab: PageClient) -> None:
        for number in (1, 2):
            await tab.click("analyse", {"tweet": f"tweet {number}"})
            assert tab.screen.find("correct-").key == f"correct-{number}"
        with pytest.raises(NotOnScreen, match="nothing has the key correct-1; there are tweet, analyse, correct-2"):
            await tab.click("correct-1")

    in_tab(scenario)


def test_what_goes_wrong_on_the_page_is_told_and_gone_after_the_next_run(in_tab: Callable) -> None:
    async def scenario(tab: PageClient) -> None:
        assert await tab.click("analyse", {"tweet": "it fails"}) == ["the API is away"]
        [error] = await tab.click("analyse", {"tweet": "it breaks"})
        assert error.startswith("ValueError")
        assert await tab.click("analyse", {"tweet": "better"}) == []

    in_tab(scenario)


def test_other_pages_are_found_by_their_address(in_tab: Callable) -> None:
    async def scenario(tab: PageClient) -> None:
        await tab.turn_to(tab.screen.page("monitor"))
        assert "analyse" not in tab.screen.widgets and tab.screen.find("times-")
        assert "former" not in tab.screen.pages
        await tab.turn_to(tab.screen.default_page)
        assert tab.screen.find("analyse") and not tab.screen.refreshes
        with pytest.raises(NotOnScreen, match="there is no page models, but "):
            tab.screen.page("models")

    in_tab(scenario)


def test_a_part_that_refreshes_itself_is_run_again_while_somebody_looks(in_tab: Callable) -> None:
    async def scenario(tab: PageClient) -> list[float]:
        refreshed: list[float] = []
        await tab.turn_to(tab.screen.page("monitor"))
        before = tab.screen.find("times-").key
        looking = asyncio.create_task(tab.keep_fresh(lambda seconds, errors: refreshed.append(seconds + len(errors))))
        await until(lambda: len(refreshed) > 1)
        assert tab.screen.find("times-").key != before
        assert sum(key.startswith("times-") for key in tab.screen.widgets) == 1
        await tab.turn_to(tab.screen.default_page)
        looking.cancel()
        return refreshed

    assert all(0 < seconds < 30 for seconds in in_tab(scenario))


def test_a_person_goes_through_all_of_it_without_an_error(
    pages: Running, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.page_person.THINK_SECONDS", (0.0, 0.1))
    monkeypatch.setattr("bench.page_person.LEAVES", 0.3)
    monkeypatch.setattr("bench.page_person.LOOK_SECONDS", (0.0, 0.1))
    tweets = (f"tweet {number}" for number in count())

    async def scenario() -> list[Sample]:
        async with PageClient(pages.address, token) as tab:
            person = Person(tab, tweets, random.Random(7))
            await person.open()
            staying = asyncio.create_task(person.stay(60))
            await until(lambda: {each.kind for each in person.samples} >= every or staying.done())
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)
            return person.samples

    every = {OPEN, ANALYSE, CORRECT, WRONG, SEND, ELSEWHERE, BACK}
    samples = drive(scenario())
    assert {each.kind for each in samples} >= every
    assert [each for each in samples if each.errors] == []
    assert samples[0].kind == OPEN and samples[1].kind in {ANALYSE, ELSEWHERE}


def test_a_connection_that_broke_is_a_failure_and_not_the_end(
    pages: Running, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.page_person.THINK_SECONDS", (0.05, 0.1))
    monkeypatch.setattr("bench.page_person.LOOK_SECONDS", (0.05, 0.1))

    async def scenario() -> list[Sample]:
        async with PageClient(pages.address, token) as tab:
            person = Person(tab, (f"tweet {number}" for number in count()), random.Random(1))
            await person.open()
        await person.stay(1.0)
        return person.samples

    opened, *others = drive(scenario())
    assert opened.errors == () and len(others) > 5
    assert all(len(each.errors) == 1 and "the connection broke" in each.errors[0] for each in others)


def test_a_page_that_cannot_be_reached_or_is_not_open_says_so() -> None:
    nowhere = PageClient(Address("127.0.0.1", 1), "")
    with pytest.raises(PageFailed, match="it cannot be reached"):
        drive(nowhere.open())
    with pytest.raises(PageFailed, match="it is not open"):
        drive(nowhere.turn_to("another"))


def test_a_reference_to_what_was_never_sent_is_told() -> None:
    message = ForwardMsg()
    message.ref_hash = "abc"
    with pytest.raises(NotOnScreen, match="the message abc, which it has not sent"):
        Screen().show(message)


def test_the_memory_of_the_server_is_told(pages: Running) -> None:
    assert 30 < resident(pages) < 2_000


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.02)


def a_round(*samples: Sample, open: float = 200.0) -> Round:
    return Round(samples, Memory(open, 130.0, 110.0), driver_busy=0.2, busy_cores=0.9)


def measured(*rounds: Round) -> Measured:
    return Measured(10, Memory(105.0, 100.0, 95.0), rounds)


def test_the_tables_have_a_row_a_kind_and_a_row_a_round() -> None:
    waits = [Sample(ANALYSE, number / 1000, ()) for number in range(1, 101)]
    text = report(measured(a_round(*waits, Sample(REFRESH, 9.0, ())), a_round(Sample(CORRECT, 0.05, ()))), load=1.5)
    assert "load of the machine before: 1.50. 10 people at once, rounds: 2." in text
    assert "| analyse | 100 | 50.0 | 95.0 | 99.0 | 0 |" in text
    assert "| refresh by itself | 1 | 9,000 | 9,000 | 9,000 | 0 |" in text
    assert "| **all that people do** | 101 | 50.0 | 95.0 | 99.0 | 0 |" in text
    assert "| round 1 | 200 | 10.0 | 130 | 110 | +15.0 |\n| round 2 | 200 | 10.0 | 130 | 110 | +0.0 |" in text
    assert text.endswith("95.0 ms at the 95th percentile (within the 500), a session 10.0 MB at most (within the 15).")


def test_failures_are_counted_and_told_once_each() -> None:
    failed = Sample(SEND, 0.1, ("the API is away",))
    text = report(measured(a_round(failed, failed, Sample(SEND, 0.1, ()))), load=0.0)
    assert "| send the rejection | 3 | 100 | 100 | 100 | 2 |" in text
    assert text.endswith("- send the rejection, 2 times: the API is away")


@pytest.mark.parametrize(
    ("found", "misses"),
    [
        (a_round(Sample(ANALYSE, 0.4, ())), False),
        (a_round(Sample(ANALYSE, 0.6, ())), True),
        (a_round(Sample(ANALYSE, 0.4, ("broken",))), True),
        (a_round(Sample(ANALYSE, 0.4, ()), open=251.0), True),
        (a_round(Sample(ANALYSE, 0.4, ()), Sample(REFRESH, 0.6, ())), False),
    ],
)
def test_a_run_misses_its_target_by_time_by_memory_or_by_an_error(found: Round, misses: bool) -> None:
    assert misses_target(measured(found)) is misses


def test_unless_told_otherwise_fifty_people_come_three_times() -> None:
    given = read_options([])
    assert (given.people, given.seconds, given.rounds, given.write) == (50, 60, 3, None)
    assert given.app.is_file()
