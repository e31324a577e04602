"""Quality against cost: which versions are drawn, what the table beside the chart says, and where MLflow is linked."""

import json
from collections.abc import Callable

import pytest
from canned_models import DIGESTS, NOON, CannedModels, served, version
from person import shown
from streamlit.testing.v1 import AppTest

from ui.api.model_answers import Figures, Journal, ModelList, RegisteredVersion, Score
from ui.models.model_chart import description, points_on, role_of, row, test_sets
from ui.models.model_picture import Picture
from ui.models.registry_links import run_page, version_page
from ui.words.english.wording import ENGLISH

OpenPage = Callable[[str], AppTest]
# pytest takes whatever is called test_… for a test.
sets_of = test_sets
del test_sets


def score(dataset: str = "us_airline", accuracy: float = 0.932) -> Score:
    low, high = accuracy - 0.015, accuracy + 0.014
    interval = {"accuracy": accuracy, "accuracy_low": low, "accuracy_high": high}
    return Score(dataset=dataset, split="test", size=1092, macro_f1=0.891, **interval)


def registered(number: str, *scores: Score, **changes: object) -> RegisteredVersion:
    figures = Figures(metrics=list(scores), microseconds=63.8, megabytes=4.552) if scores else None
    return RegisteredVersion.model_validate(version(number) | {"figures": figures} | changes)


def picture(*versions: RegisteredVersion) -> Picture:
    models = ModelList(registered_model="m", champion="1", challenger="2", items=list(versions))
    return Picture(models, Journal(items=[], champion=None, rollback_to=None), [], None, None)


def test_the_set_on_which_most_versions_are_measured_comes_first() -> None:
    seen = picture(registered("2", score("b"), score("c")), registered("1", score("c")), registered("3"))
    assert sets_of(seen) == ["c", "b"]
    assert sets_of(picture(registered("1"))) == []


def test_versions_that_were_not_measured_on_the_set_are_left_out() -> None:
    seen = picture(registered("3"), registered("2", score("b")), registered("1", score("a"), score("b")))
    assert [each.version.version for each in points_on(seen, "b")] == ["2", "1"]
    assert [each.score.dataset for each in points_on(seen, "b")] == ["b", "b"]


def test_each_version_has_the_role_that_the_registry_gives_it() -> None:
    seen = picture()
    roles = [role_of(registered(number), seen) for number in "123"]
    assert roles == ["champion", "challenger", "other"]


def test_the_table_says_what_the_chart_draws() -> None:
    [point] = points_on(picture(registered("1", score())), "us_airline")
    assert row(point) == ("1", "bigru_distilled", "93.2% (91.7% to 94.6%)", "0.891", "1,092", "63.8", "4.6")


def test_the_chart_draws_each_version_with_its_interval_and_more_than_a_colour() -> None:
    seen = picture(registered("2", score(accuracy=0.94)), registered("1", score()), registered("3", score()))
    roles = [each.role for each in points_on(seen, "us_airline")]
    assert roles == ["challenger", "champion", "other"]
    drawn = json.loads(json.dumps(description(roles)))
    assert drawn["encoding"]["color"]["scale"]["domain"] == ["Challenger", "Champion", "Others"]
    assert drawn["layer"][0]["encoding"]["y2"]["field"] == "high"
    assert len(set(drawn["layer"][1]["encoding"]["shape"]["scale"]["range"])) == 3


@pytest.fixture
def see(open_models: OpenPage) -> Callable[[CannedModels], AppTest]:
    def see(api: CannedModels) -> AppTest:
        with served(api):
            page = open_models(api.url)
        assert not page.exception
        return page

    return see


def test_without_figures_the_page_says_how_they_come(see: Callable[[CannedModels], AppTest]) -> None:
    assert ENGLISH.models.chart_none in shown(see(CannedModels()))


def test_the_page_shows_the_figures_of_the_set_that_is_chosen(see: Callable[[CannedModels], AppTest]) -> None:
    figures = Figures(metrics=[score("a"), score("b", 0.5)], microseconds=63.8, megabytes=4.552).model_dump()
    api = CannedModels(versions=[version("1", aliases=["champion"], figures=figures)])
    page = see(api)
    assert "93.2% (91.7% to 94.6%)" in shown(page)
    with served(api):
        page.selectbox(key="chart-set").set_value("1").run()
    assert "50.0% (48.5% to 51.4%)" in shown(page)


def test_the_names_of_sets_carry_no_markup(see: Callable[[CannedModels], AppTest]) -> None:
    figures = Figures(metrics=[score("![x](https://example.org/a.png)")], microseconds=1, megabytes=1).model_dump()
    page = see(CannedModels(versions=[version("1", aliases=["champion"], figures=figures)]))
    assert page.selectbox(key="chart-set").options == ["x https example org a png"]


def test_mlflows_pages_are_linked_where_the_pages_know_its_address(
    see: Callable[[CannedModels], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = CannedModels(versions=[version("1", aliases=["champion"], run_id="abc", experiment_id="7")])
    assert not see(api).get("link_button")
    monkeypatch.setenv("UI_MLFLOW_URL", "https://mlflow.example.org/")
    links = [each.proto.url for each in see(api).get("link_button")]
    assert links == [
        "https://mlflow.example.org/#/models/tweet-sentiment/versions/1",
        "https://mlflow.example.org/#/experiments/7/runs/abc",
    ]


def test_a_name_cannot_lead_a_link_elsewhere() -> None:
    assert version_page("http://m", "../a?b#c", "1/..").endswith("/#/models/..%2Fa%3Fb%23c/versions/1%2F..")
    assert run_page("http://m", registered("1", run_id="a/../b", experiment_id="1#")) == (
        "http://m/#/experiments/1%23/runs/a%2F..%2Fb"
    )
    assert run_page("http://m", registered("1", run_id="a")) is None


def test_the_canned_version_is_of_the_contract() -> None:
    assert registered("1").digest == DIGESTS["1"] and registered("1").created_at.isoformat().startswith(NOON[:10])
