"""How many tweets have each label: a bar each, and the same in words for who does not see them."""

from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from ui.batch.answers import Answers
from ui.batch.texts import Fate
from ui.elements.inert import readable
from ui.elements.labels import CHART_COLOURS, label_word, label_wording
from ui.words.language import wording

BAR_PIXELS = 34


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    share: float

    @property
    def words(self) -> str:
        count, share = wording().number(self.count), wording().percent(self.share, 1)
        return wording().batch.share.format(label=label_word(self.label), count=count, share=share)


def distribution(answers: Answers) -> None:
    answered = answers.count(Fate.ANSWERED)
    if answered == 0:
        return
    st.subheader(wording().batch.distribution, anchor=False)
    shown = [
        Bar(label, count, count / answered) for label, count in zip(answers.labels, answers.label_counts(), strict=True)
    ]
    _chart(shown)
    with st.container(key="batch-counts", gap="xxsmall"):
        for line in _lines(answers, answered):
            st.text(readable(line))


def _lines(answers: Answers, answered: int) -> list[str]:
    unsure = int(answers.abstained.sum())
    words = wording().batch
    lines = [words.unsure.format(count=wording().number(unsure), share=wording().percent(unsure / answered, 1))]
    missing = len(answers.fates) - answered
    if missing:
        why = [
            words.problem_count.format(problem=words.problems[fate.name], count=wording().number(count))
            for fate in Fate
            if fate is not Fate.ANSWERED and (count := answers.count(fate))
        ]
        lines.append(f"{words.unanswered.format(count=wording().number(missing))} ({', '.join(why)})")
    models = {(model.name, model.version) for model in answers.models}
    return lines + [wording().model.format(name=name, version=version) for name, version in sorted(models)]


def _chart(shown: list[Bar]) -> None:
    """Vega-Lite as it is: what it says is words and figures of this page, with no markup in them.

    The figures stand on the axis, whose colour follows the theme, as that of text in the chart does not.
    """
    said = [bar.words for bar in shown]
    rows = pa.table({"label": said, "count": [bar.count for bar in shown]})
    axis = {"ticks": False, "domain": False, "labelLimit": 0, "labelFontSize": 14, "labelPadding": 8}
    scale = {"domain": said, "range": [CHART_COLOURS[label_wording(bar.label).tone] for bar in shown]}
    description = {
        "height": BAR_PIXELS * len(shown),
        "mark": {"type": "bar", "height": BAR_PIXELS - 12, "tooltip": None},
        "encoding": {
            "y": {"field": "label", "type": "nominal", "title": None, "sort": None, "axis": axis},
            "x": {"field": "count", "type": "quantitative", "axis": None, "scale": {"domainMin": 0}},
            "color": {"field": "label", "type": "nominal", "legend": None, "scale": scale},
        },
        "config": {"view": {"stroke": None}},
    }
    alt = wording().batch.distribution_alt.format(bars="; ".join(said))
    st.vega_lite_chart(rows, description, key="batch-distribution", alt=alt)
