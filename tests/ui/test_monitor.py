"""The page Monitor: what came in over time, how often people rejected it, and drift, in every state they can be in."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import requests
from live_api import LiveApi, free_port
from odd_api import odd_api
from past_activity import Past, live_through, past_of
from person import press, shown
from rejections import client_of, raise_alert, reject
from streamlit.testing.v1 import AppTest

from tests.inference.drifting import REASONS, body
from ui.elements.moments import zone_of
from ui.monitor.activity_board import ActivityBoard
from ui.monitor.periods import PERIODS
from ui.settings import Settings
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH
from ui.words.language import CHOSEN

WORDS = ENGLISH.monitor
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def open_monitor(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    def script() -> None:
        from ui.pages.monitor import monitor_page

        monitor_page()

    def open_at(api_url: str) -> AppTest:
        monkeypatch.setenv("UI_API_URL", api_url)
        # The machine may be busy.
        monkeypatch.setenv("UI_READ_TIMEOUT_SECONDS", "10")
        return AppTest.from_function(script, default_timeout=30).run()

    return open_at


@pytest.fixture
def past(api: LiveApi, tmp_path: Path) -> Iterator[Past]:
    with past_of(tmp_path / "api") as past:
        yield past


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def choose(page: AppTest, period: str) -> None:
    page.segmented_control(key="period").set_value(period).run()


def charts(page: AppTest) -> list[pa.Table]:
    """The figures of each, from the top."""
    found = page.get("vega_lite_chart")
    return [pa.ipc.open_stream(chart.proto.data.data).read_all() for chart in found]


def descriptions(page: AppTest) -> list[str]:
    return [chart.proto.alt for chart in page.get("vega_lite_chart")]


def table_rows(page: AppTest) -> list[list[str]]:
    page.toggle(key="activity-table").set_value(True).run()
    table = next(found.value for found in page.markdown if found.value.startswith("| When |"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_without_a_tweet_it_says_so_and_what_to_do(api: LiveApi, open_monitor: OpenPage) -> None:
    page = open_monitor(api.url)
    assert not page.exception and not page.error
    assert page.title[0].value == WORDS.page
    assert [word in shown(page) for word in (WORDS.no_tweets, WORDS.no_tweets_what, WORDS.nobody_judged)] == [True] * 3
    assert ENGLISH.models.drift_none in shown(page)
    assert not charts(page) and not page.metric


def test_tweets_that_came_in_are_counted_by_label_with_what_is_left_to_a_person(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now, 30)
    past.answer(now, 60, "positive")
    past.answer(now - 2 * HOUR, 10, "positive", abstained=True)
    page = open_monitor(api.url)
    assert not page.exception
    assert figures(page) == {WORDS.tweets: "100", WORDS.negative_share: "30.0%", WORDS.abstained: "10.0%"}
    assert WORDS.not_compared.format(before=WORDS.before["week"]) in shown(page)
    volume, share = charts(page)
    assert (
        sum(high - low for low, high in zip(volume["low"].to_pylist(), volume["high"].to_pylist(), strict=True)) == 100
    )
    assert set(volume["kind"].to_pylist()) == {"Negative", "Positive"}
    assert [round(value, 3) for value in share["share"].to_pylist() if value is not None] == [0, 0.333]
    assert share.num_rows == 7 * 24
    assert "100 tweets in all, the most at once 90" in descriptions(page)[0]
    assert "30.0% over the period" in descriptions(page)[1]


def test_hours_without_a_tweet_have_no_bar_and_no_share(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now, 1)
    past.answer(now - 3 * HOUR, 1)
    page = open_monitor(api.url)
    volume, share = charts(page)
    assert volume.num_rows == 2
    [first, second] = [place for place, value in enumerate(share["share"].to_pylist()) if value is not None]
    assert second - first == 3


def test_the_share_is_compared_with_the_period_before_and_a_clear_change_is_called_one(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now, 60)
    past.answer(now, 40, "positive")
    past.answer(now - 8 * DAY, 20)
    past.answer(now - 8 * DAY, 80, "positive")
    page = open_monitor(api.url)
    assert page.metric[1].delta == "+40.0 points"
    assert "Negative: +40.0 points compared with the 7 days before (95 % interval: +26.8 to +51.2)" in shown(page)
    assert "which had 20.0% of 100 tweets" in shown(page)


def test_a_change_that_may_be_chance_is_said_to_be_that(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now, 1)
    past.answer(now, 2, "positive")
    past.answer(now - 8 * DAY, 2)
    past.answer(now - 8 * DAY, 2, "positive")
    page = open_monitor(api.url)
    assert page.metric[1].delta == "-16.7 points"
    assert "That may be chance" in shown(page)


def test_the_period_can_be_chosen_and_is_shown_by_the_hour_or_by_the_day(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now, 1)
    for days, count in ((2, 10), (20, 100), (80, 1000)):
        past.answer(now - days * DAY, count)
    page = open_monitor(api.url)
    tweets, bars = {"week": figures(page)[WORDS.tweets]}, {"week": charts(page)[1].num_rows}
    assert "By the hour, in the time zone UTC" in shown(page)
    for period in ("day", "month", "quarter"):
        choose(page, period)
        assert not page.exception and not page.error
        tweets[period], bars[period] = figures(page)[WORDS.tweets], charts(page)[1].num_rows
    assert tweets == {"day": "1", "week": "11", "month": "111", "quarter": "1,111"}
    assert bars == {"day": 24, "week": 168, "month": 30, "quarter": 90}
    assert "By the day, in the time zone UTC" in shown(page)


def test_all_charts_have_one_axis_of_time(api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage) -> None:
    ids = past.answer(now, 4)
    past.judge(ids, now, rejected=1)
    page = open_monitor(api.url)
    scales = set()
    for chart in page.get("vega_lite_chart"):
        described = json.loads(chart.proto.spec)
        for layer in described.get("layer", [described]):
            scales.add(json.dumps(layer["encoding"]["x"]["scale"], sort_keys=True))
    assert len(page.get("vega_lite_chart")) == 3 and len(scales) == 1


def test_the_description_of_a_chart_stays_as_it_is_when_tweets_come_in(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now - HOUR, 5)
    page = open_monitor(api.url)
    before = [chart.proto.spec for chart in page.get("vega_lite_chart")]
    past.answer(now - HOUR, 5)
    page.run()
    assert figures(page)[WORDS.tweets] == "10"
    after = [chart.proto.spec for chart in page.get("vega_lite_chart")]
    # An hour may end meanwhile, and moves the axis.
    assert before == after or datetime.now(UTC).hour != now.hour


def test_the_figures_can_be_read_as_a_table_the_latest_first(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now - HOUR, 1)
    ids = past.answer(now - 2 * HOUR, 3) + past.answer(now - 2 * HOUR, 1, "positive", abstained=True)
    past.judge(ids[:2], now - 2 * HOUR, rejected=1)
    headings, _, *rows = table_rows(open_monitor(api.url))
    assert headings[:4] == [WORDS.when, WORDS.tweets, "Negative", "Positive"]
    assert [row[0] for row in rows] == [f"{now - each * HOUR:%Y-%m-%d %H}:00" for each in (1, 2)]
    assert rows[1][1:] == ["4", "3", "1", "75.0%", "30.1% to 95.4%", "1", "2", "1"]


@pytest.mark.parametrize("label", ["[x](https://example.org)", "a | b", ":red[**x**]", "<script>"])
def test_a_label_that_nobody_knows_is_shown_as_plain_words(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage, label: str
) -> None:
    past.answer(now, 2, label)
    page = open_monitor(api.url)
    headings, _, *rows = table_rows(page)
    assert {len(row) for row in (headings, *rows)} == {len(headings)}
    assert not [
        piece for piece in ("](", "<", "**", ":red") if piece in headings[2] + charts(page)[0]["kind"][0].as_py()
    ]


def test_the_rate_of_rejection_comes_with_its_interval_and_apart_for_those_drawn_by_lot(
    tmp_path: Path, now: datetime, open_monitor: OpenPage
) -> None:
    api = LiveApi(tmp_path / "drawn", audit_share=1.0)
    api.start()
    try:
        with past_of(tmp_path / "drawn") as past:
            past.judge(past.answer(now, 20), now, rejected=5)
        page = open_monitor(api.url)
    finally:
        api.close()
    assert {WORDS.all_verdicts: "25.0%", WORDS.by_lot: "25.0%"}.items() <= figures(page).items()
    assert shown(page).count("5 of 20 (95 % interval: 11.2% to 46.9%)") == 2
    assert WORDS.rejections_alt.format(rejected="5", confirmed="15") == descriptions(page)[2]
    judged = charts(page)[2]
    assert dict(zip(judged["kind"].to_pylist(), judged["high"].to_pylist(), strict=True)) == {
        "Rejected": 5,
        "Confirmed": 20,
    }


def test_where_none_was_drawn_by_lot_it_says_so(tmp_path: Path, now: datetime, open_monitor: OpenPage) -> None:
    api = LiveApi(tmp_path / "undrawn", audit_share=0.0)
    api.start()
    try:
        with past_of(tmp_path / "undrawn") as past:
            past.judge(past.answer(now, 2), now, rejected=2)
        page = open_monitor(api.url)
    finally:
        api.close()
    assert (figures(page)[WORDS.by_lot], figures(page)[WORDS.all_verdicts]) == (WORDS.nothing, "100.0%")
    assert WORDS.nothing_by_lot in shown(page)


def test_verdicts_of_a_period_without_tweets_are_shown(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.judge(past.answer(now - 8 * DAY, 2), now, rejected=1)
    page = open_monitor(api.url)
    assert WORDS.no_tweets in shown(page)
    assert figures(page)[WORDS.all_verdicts] == "50.0%"


def test_thousands_of_tweets_over_weeks_add_up(api: LiveApi, past: Past, open_monitor: OpenPage) -> None:
    live_through(past, 9)
    page = open_monitor(api.url)
    choose(page, "month")
    rows = table_rows(page)[2:]
    assert len(rows) in (9, 10)
    total = sum(int(row[1].replace(",", "")) for row in rows)
    assert figures(page)[WORDS.tweets] == ENGLISH.number(total)
    assert total > 1000 and not page.exception


def test_with_the_api_away_from_the_start_it_is_said_once_in_red_and_each_part_says_that_it_waits(
    open_monitor: OpenPage,
) -> None:
    page = open_monitor(f"http://127.0.0.1:{free_port()}")
    assert not page.exception
    assert len(page.error) == 1
    assert WORDS.not_known.format(seconds="10") in shown(page)
    assert WORDS.no_tweets not in shown(page) and ENGLISH.models.drift_none not in shown(page)


def test_what_was_known_stays_when_the_api_goes_away_and_says_how_old_it_is(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.answer(now, 12)
    assert requests.post(f"{api.url}/v1/drift-reports", json=body(state="stable"), timeout=10).status_code == 201
    page = open_monitor(api.url)
    api.stop()
    page.run()
    assert len(page.error) == 1 and "does not answer" in page.error[0].value
    assert figures(page)[WORDS.tweets] == "12" and len(charts(page)) == 2
    assert shown(page).count("Could not be refreshed: this is as of ") == 2
    assert ENGLISH.models.drift_words["stable"] in shown(page)
    # Another period was never asked for: nothing is shown that is not of it.
    choose(page, "month")
    assert not page.metric and WORDS.not_known.format(seconds="10") in shown(page)
    choose(page, "week")
    assert figures(page)[WORDS.tweets] == "12"
    api.start()
    past.answer(now, 1)
    page.run()
    assert not page.error and figures(page)[WORDS.tweets] == "13"
    assert "Could not be refreshed" not in shown(page)


def test_an_api_without_activity_is_said_to_be_older(open_monitor: OpenPage) -> None:
    with odd_api(404, json.dumps({"detail": "Not Found."}).encode()) as url:
        page = open_monitor(url)
    assert [error.value for error in page.error][1:] == [WORDS.refused, WORDS.refused_drift]


def test_an_answer_that_is_not_understood_is_named(open_monitor: OpenPage) -> None:
    with odd_api(200, b'{"items": 1}') as url:
        page = open_monitor(url)
    assert not page.exception
    assert all("does not understand" in error.value for error in page.error) and len(page.error) == 3


def test_the_last_drift_report_is_shown_and_one_of_another_version_is_said_to_be_that(
    api: LiveApi, open_monitor: OpenPage
) -> None:
    report = body(model_version="pretrained", state="moved")
    assert requests.post(f"{api.url}/v1/drift-reports", json=report, timeout=10).status_code == 201
    page = open_monitor(api.url)
    assert f"• {REASONS[0]}" in [text.value for text in page.text]
    assert ENGLISH.models.drift_other not in shown(page)
    other = body(model_version="3", state="stable", until=6000)
    assert requests.post(f"{api.url}/v1/drift-reports", json=other, timeout=10).status_code == 201
    page.run()
    assert ENGLISH.models.drift_other in shown(page)


def test_where_the_api_does_not_say_which_version_answers_none_is_called_another(
    tmp_path: Path, open_monitor: OpenPage
) -> None:
    api = LiveApi(tmp_path / "empty", with_model=False)
    api.start()
    try:
        assert requests.post(f"{api.url}/v1/drift-reports", json=body(), timeout=10).status_code == 201
        page = open_monitor(api.url)
    finally:
        api.close()
    assert ENGLISH.models.drift_words["drifted"] in shown(page)
    assert ENGLISH.models.drift_other not in shown(page)


def test_open_alerts_stand_above_all_else_and_their_form_works(api: LiveApi, open_monitor: OpenPage) -> None:
    alert = raise_alert(api)
    page = open_monitor(api.url)
    headings = [heading.value for heading in page.subheader]
    assert headings[0].endswith(ENGLISH.alerts.rules["burst"])
    assert headings[1:] == [WORDS.volume, WORDS.rejections, ENGLISH.models.drift, ENGLISH.alerts.trial]
    page.text_input[0].set_value("Ana")
    press(page, "acknowledge")
    assert client_of(api).read_alert(alert.alert_id).acknowledged_by == "Ana"
    assert figures(page)[WORDS.all_verdicts] == "100.0%"


def test_several_open_alerts_each_have_their_card(api: LiveApi, open_monitor: OpenPage) -> None:
    raise_alert(api)
    raise_alert(api, *(f"late for the {number}th time" for number in range(40)))
    page = open_monitor(api.url)
    assert {heading.value.split("] ")[-1] for heading in page.subheader[:2]} == {
        ENGLISH.alerts.rules["burst"],
        ENGLISH.alerts.rules["rate"],
    }
    assert len(page.text_input) == 2


def test_without_an_open_alert_one_line_says_so(tmp_path: Path, open_monitor: OpenPage) -> None:
    api = LiveApi(tmp_path / "calm", alert_cooldown_minutes=0.05)
    api.start()
    try:
        raise_alert(api)
        page = open_monitor(api.url)
        while client_of(api).list_alerts(1)[0].is_open:
            page.run()
        page.run()
    finally:
        api.close()
    assert page.subheader[0].value == ENGLISH.alerts.none_open
    assert ENGLISH.alerts.when_one_comes not in shown(page)
    assert page.expander[-1].label.endswith(ENGLISH.alerts.rules["burst"])


def test_the_address_of_earlier_messages_shows_the_same_page(api: LiveApi, open_alerts: OpenPage) -> None:
    reject(api, "late and never sorry")
    page = open_alerts(api.url)
    assert page.title[0].value == WORDS.page
    assert figures(page)[WORDS.tweets] == "1"


def test_a_page_that_was_asked_for_in_french_speaks_french(
    api: LiveApi, past: Past, now: datetime, open_monitor: OpenPage
) -> None:
    past.judge(past.answer(now, 3), now, rejected=1)
    page = open_monitor(api.url)
    page.session_state[CHOSEN] = "fr"
    page.run()
    assert page.title[0].value == FRENCH.monitor.page
    assert figures(page)[FRENCH.monitor.negative_share] == "100,0\u202f%"
    assert "1 sur 3 (intervalle à 95 %" in shown(page)


def test_the_zone_of_the_browser_decides_what_a_day_is(api: LiveApi, past: Past) -> None:
    # 23:30 of the 9th in Paris, and 03:00 of the 10th in Kolkata.
    past.answer(datetime(2026, 7, 9, 21, 30, tzinfo=UTC), 5)
    found = {}
    for name in ("Europe/Paris", "Asia/Kolkata"):
        board = ActivityBoard(Settings(api_url=api.url), client_of(api))
        board.refresh(PERIODS["month"], zone_of(name), datetime(2026, 7, 10, 12, tzinfo=UTC))
        bins = board.pictures["month"].bins
        found[name] = [each.start.astimezone(zone_of(name)).day for each in bins if each.counts.predictions]
    assert found == {"Europe/Paris": [9], "Asia/Kolkata": [10]}


def test_the_period_before_is_asked_for_once(api: LiveApi, past: Past, now: datetime) -> None:
    past.answer(now - 8 * DAY, 4)
    board = ActivityBoard(Settings(api_url=api.url), client_of(api))
    board.refresh(PERIODS["week"], zone_of("UTC"), now)
    past.answer(now - 8 * DAY, 4)
    board.refresh(PERIODS["week"], zone_of("UTC"), now)
    assert board.pictures["week"].before.predictions == 4
    board.refresh(PERIODS["week"], zone_of("UTC"), now + HOUR)
    assert board.pictures["week"].before.predictions == 8
