"""What the charts of activity have in common: one axis of time, bars in pieces, and how they are drawn.

They are written as Vega-Lite itself: altair takes a good twentieth of a second for each, under a lock that all sessions
share, and they are drawn anew every few seconds. The figures travel beside the description, which stays as it is from
one look to the next: so the browser keeps its chart and moves the bars.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import streamlit as st

from ui.monitor.activity_board import ActivityPicture
from ui.monitor.counts import Bin
from ui.words.language import wording

Part = Mapping[str, object]
Cell = str | float | None

# Of the axis on the left, so that the charts stand below each other.
AXIS_PIXELS = 48
TICKS = 7
LEGEND = {"orient": "top", "padding": 0, "offset": 8}
PADDING = {"left": 0, "right": 4, "top": 4, "bottom": 4}


def draw_chart(name: str, description: Part, columns: Sequence[str], rows: Sequence[Sequence[Cell]], alt: str) -> None:
    cells = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    with st.container(key=f"chart-{name}"):
        st.vega_lite_chart(pa.table(cells), {**description, "padding": PADDING}, width="stretch", alt=alt)


def bars(picture: ActivityPicture, height: int, colours: Mapping[str, str]) -> Part:
    """Of columns `start`, `end`, `low`, `high`, `kind`, `when`, `said`: a row for each piece of a bar."""
    words = wording().monitor
    scale = {"domain": list(colours), "range": list(colours.values())}
    encoding = {
        "x": time_axis(picture),
        "x2": {"field": "end"},
        "y": {"field": "low", "type": "quantitative", "title": None, "axis": count_axis()},
        "y2": {"field": "high"},
        "color": {"field": "kind", "type": "nominal", "title": None, "scale": scale, "legend": LEGEND},
        "tooltip": [told("when", words.when), told("kind", words.label), told("said", words.count)],
    }
    return {"height": height, "mark": "rect", "encoding": encoding}


def time_axis(picture: ActivityPicture, field: str = "start") -> Part:
    is_short = not picture.period.by_day and picture.period.count <= 24
    return {
        "field": field,
        "type": "temporal",
        "title": None,
        # The browser's own time, which is the zone of the picture; in UTC where it named none that is known here.
        "scale": {
            "type": "utc" if picture.zone.key == "UTC" else "time",
            # Numbers would be read in two ways, once for `x` and once for `x2`; expressions are left alone.
            "domainMin": {"expr": f"{milliseconds(picture.bins[0])[0]:.0f}"},
            "domainMax": {"expr": f"{milliseconds(picture.bins[-1])[1]:.0f}"},
            "nice": False,
        },
        "axis": {
            "format": wording().monitor.hour_axis if is_short else wording().monitor.day_axis,
            "tickCount": TICKS,
            "labelOverlap": "greedy",
            "grid": False,
        },
    }


def count_axis() -> Part:
    return {"tickCount": 3, "tickMinStep": 1, "format": "~s", "minExtent": AXIS_PIXELS, "maxExtent": AXIS_PIXELS}


def share_axis() -> Part:
    sign = wording().percent_sign
    expression = f"format(100 * datum.value, '.0f') + '{sign}'"
    return {"values": [0, 0.5, 1], "labelExpr": expression, "minExtent": AXIS_PIXELS, "maxExtent": AXIS_PIXELS}


def told(field: str, title: str) -> Part:
    return {"field": field, "type": "nominal", "title": title}


def milliseconds(each: Bin) -> tuple[float, float]:
    return 1000 * each.start.timestamp(), 1000 * each.end.timestamp()
