"""Quality against cost: what each version scores on one test set, and what a tweet costs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from ui.api.model_answers import RegisteredVersion, Score
from ui.elements.grid import text_grid
from ui.elements.inert import plain_word, readable
from ui.models.model_picture import Picture
from ui.words.language import wording

Part = Mapping[str, object]

HEIGHT = 300
# Of the style sheet; they are told apart by their shapes too.
COLOURS = {"champion": "#2f9567", "challenger": "#3b8ba8", "other": "#8a97a1"}
SHAPES = {"champion": "circle", "challenger": "diamond", "other": "square"}


@dataclass(frozen=True)
class Point:
    version: RegisteredVersion
    role: str
    score: Score
    microseconds: float
    megabytes: float


def model_chart(picture: Picture) -> None:
    st.subheader(wording().models.chart, anchor=False)
    sets = test_sets(picture)
    if not sets:
        st.markdown(wording().models.chart_none)
        return
    # Plain words, since a list of choices is read as markup; two sets may come to the same.
    names = {f"{number}": plain_word(name) for number, name in enumerate(sets)}
    chosen = st.selectbox(
        wording().models.chart_set,
        list(names),
        format_func=lambda number: names.get(number, number),
        key="chart-set",
        persist_state="session",
    )
    points = points_on(picture, sets[int(chosen or 0)])
    draw(points)
    st.caption(wording().models.chart_what)
    with st.expander(wording().models.chart_table, key="chart-table"):
        _table(points)


def test_sets(picture: Picture) -> list[str]:
    """The set on which most versions are measured first."""
    counts: dict[str, int] = {}
    for version in picture.models.items:
        for name in {each.dataset for each in version.figures.metrics} if version.figures else ():
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def points_on(picture: Picture, dataset: str) -> list[Point]:
    """The latest version first."""
    points: list[Point] = []
    for version in picture.models.items:
        figures = version.figures
        score = next((each for each in figures.metrics if each.dataset == dataset), None) if figures else None
        if figures is not None and score is not None:
            points.append(Point(version, role_of(version, picture), score, figures.microseconds, figures.megabytes))
    return points


def role_of(version: RegisteredVersion, picture: Picture) -> str:
    if version.version == picture.models.champion:
        return "champion"
    return "challenger" if version.version == picture.models.challenger else "other"


def draw(points: list[Point]) -> None:
    """Vega-Lite as it is; altair would take longer to write it than all the rest of the page."""
    words = wording().models
    names = role_names()
    rows = pa.table(
        {
            "version": [readable(each.version.version) for each in points],
            "candidate": [readable(each.version.candidate or words.unknown) for each in points],
            "role": [names[each.role] for each in points],
            "microseconds": [each.microseconds for each in points],
            "accuracy": [each.score.accuracy for each in points],
            "low": [each.score.accuracy_low for each in points],
            "high": [each.score.accuracy_high for each in points],
            "said": [interval_words(each.score) for each in points],
        }
    )
    alt = words.chart_alt.format(versions="; ".join(alt_words(each) for each in points))
    roles = list(dict.fromkeys(each.role for each in points))
    st.vega_lite_chart(rows, {**description(roles)}, width="stretch", alt=alt)


def description(roles: Sequence[str]) -> Part:
    """The intervals, upon them the versions, and beside these their numbers."""
    words, names = wording().models, role_names()
    domain = [names[role] for role in roles]
    colour_scale = {"domain": domain, "range": [COLOURS[role] for role in roles]}
    shape_scale = {"domain": domain, "range": [SHAPES[role] for role in roles]}
    legend = {"orient": "top", "title": None}
    colour = {"field": "role", "type": "nominal", "scale": colour_scale, "legend": legend}
    shape = {"field": "role", "type": "nominal", "scale": shape_scale, "legend": legend}
    percents = {"labelExpr": f"format(100 * datum.value, '.0f') + '{wording().percent_sign}'"}
    cost = {
        "field": "microseconds",
        "type": "quantitative",
        "scale": {"type": "log", "padding": 30},
        "title": words.chart_cost,
        "axis": {"tickCount": 5, "format": "~s"},
    }
    # Room below and above, so that no interval touches the frame.
    room = {"zero": False, "padding": 16}
    quality = {"type": "quantitative", "scale": room, "title": words.chart_quality, "axis": percents}
    tooltip = [
        {"field": field, "type": "nominal", "title": title}
        for field, title in (("version", words.version), ("candidate", words.candidate), ("said", words.chart_quality))
    ]
    return {
        "height": HEIGHT,
        "encoding": {"x": cost, "color": colour},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"y": quality | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "size": 140, "filled": True, "opacity": 1},
                "encoding": {"y": quality | {"field": "accuracy"}, "shape": shape, "tooltip": tooltip},
            },
            {
                "mark": {"type": "text", "dx": 14, "align": "left", "fontSize": 13},
                "encoding": {"y": quality | {"field": "accuracy"}, "text": {"field": "version", "type": "nominal"}},
            },
        ],
    }


def role_names() -> dict[str, str]:
    words = wording().models
    return {"champion": words.champion_short, "challenger": words.challenger_short, "other": words.chart_other}


def alt_words(point: Point) -> str:
    cost = wording().number(point.microseconds)
    return wording().models.chart_alt_one.format(
        version=readable(point.version.version), quality=interval_words(point.score), cost=cost
    )


def interval_words(score: Score) -> str:
    say = wording()
    return say.models.chart_interval.format(
        share=say.percent(score.accuracy, 1),
        low=say.percent(score.accuracy_low, 1),
        high=say.percent(score.accuracy_high, 1),
    )


def _table(points: list[Point]) -> None:
    words = wording().models
    headings = (
        words.version,
        words.candidate,
        words.chart_quality,
        words.chart_f1,
        words.chart_tweets,
        words.chart_cost,
        words.chart_size,
    )
    text_grid("figures", headings, [row(each) for each in points])


def row(point: Point) -> tuple[str, ...]:
    say, score = wording(), point.score
    return (
        point.version.version,
        point.version.candidate or say.models.unknown,
        interval_words(score),
        say.number(score.macro_f1, 3),
        say.number(score.size),
        say.number(point.microseconds, 0 if point.microseconds >= 100 else 1),
        say.number(point.megabytes, 1),
    )
