"""The charts of activity: what came in by label, the share of negative, and what people said."""

from collections.abc import Callable, Mapping, Sequence

from ui.elements.labels import CHART_COLOURS, label_word, label_wording
from ui.monitor.activity_board import ActivityPicture
from ui.monitor.chart_parts import Cell, Part, bars, draw_chart, milliseconds, share_axis, time_axis, told
from ui.monitor.counts import Bin, Counts, labels_in
from ui.monitor.intervals import negative_share
from ui.monitor.signs import bin_words, interval_words, share_words
from ui.words.language import wording
from ui.words.wording import Wording

# Between two bars, as a share of one.
GAP = 0.12
REJECTED, CONFIRMED = "#d0862f", "#7d8c98"
BAR_COLUMNS = ("start", "end", "low", "high", "kind", "when", "said")
SHARE_COLUMNS = ("start", "end", "middle", "share", "low", "high", "when", "share_said", "interval_said", "said")


def volume_chart(picture: ActivityPicture) -> None:
    names = {label: label_word(label) for label in labels_in(picture.total)}
    colours = {name: CHART_COLOURS[label_wording(label).tone] for label, name in names.items()}
    most = max(each.counts.predictions for each in picture.bins)
    draw_chart(
        "volume",
        bars(picture, 220, colours),
        BAR_COLUMNS,
        bar_rows(picture, lambda counts: {name: counts.labels[label] for label, name in names.items()}),
        wording().monitor.volume_alt.format(
            count=wording().number(picture.total.predictions), most=wording().number(most)
        ),
    )


def rejection_chart(picture: ActivityPicture) -> None:
    words = wording().monitor
    draw_chart(
        "rejections",
        bars(picture, 190, {words.rejected: REJECTED, words.confirmed: CONFIRMED}),
        BAR_COLUMNS,
        bar_rows(
            picture,
            lambda counts: {words.rejected: counts.rejected, words.confirmed: counts.judged - counts.rejected},
        ),
        words.rejections_alt.format(
            rejected=wording().number(picture.said.rejected),
            confirmed=wording().number(picture.said.judged - picture.said.rejected),
        ),
    )


def share_chart(picture: ActivityPicture) -> None:
    """A line that breaks where nothing came in: of nothing there is no share."""
    words = wording()
    alt = words.monitor.share_alt.format(share=share_words(words, picture.total.negative_share))
    layers = {"height": 170, "layer": [interval_band(picture), share_line(picture)]}
    draw_chart("share", layers, SHARE_COLUMNS, [share_row(words, picture, each) for each in picture.bins], alt)


def bar_rows(picture: ActivityPicture, kinds: Callable[[Counts], Mapping[str, int]]) -> list[Sequence[Cell]]:
    """The pieces of the bars, upon each other; where nothing came in there are none."""
    words, rows = wording(), list[Sequence[Cell]]()
    for each in picture.bins:
        start, end = milliseconds(each)
        low = 0
        for kind, count in kinds(each.counts).items():
            if count:
                said = (kind, bin_words(picture, each), words.number(count))
                rows.append((start, end - GAP * (end - start), float(low), float(low + count), *said))
            low += count
    return rows


def share_row(words: Wording, picture: ActivityPicture, each: Bin) -> Sequence[Cell]:
    start, end = milliseconds(each)
    share = negative_share(each.counts)
    figures = (None, None, None) if share is None else (share.value, share.low, share.high)
    count = words.number(each.counts.predictions)
    said = (share_words(words, each.counts.negative_share), interval_words(words, share), count)
    return (start, end, (start + end) / 2, *figures, bin_words(picture, each), *said)


def interval_band(picture: ActivityPicture) -> Part:
    encoding = {
        "x": time_axis(picture),
        "x2": {"field": "end"},
        "y": share_scale("low"),
        "y2": {"field": "high"},
        "tooltip": share_tooltip(),
    }
    return {"mark": {"type": "rect", "opacity": 0.3, "color": CHART_COLOURS["bad"]}, "encoding": encoding}


def share_line(picture: ActivityPicture) -> Part:
    mark = {
        "type": "line",
        "color": CHART_COLOURS["bad"],
        "strokeWidth": 1.5,
        "point": {"size": 16, "color": CHART_COLOURS["bad"]},
    }
    encoding = {"x": time_axis(picture, "middle"), "y": share_scale("share"), "tooltip": share_tooltip()}
    return {"mark": mark, "encoding": encoding}


def share_scale(field: str) -> Part:
    return {
        "field": field,
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, 1]},
        "axis": share_axis(),
    }


def share_tooltip() -> Sequence[Part]:
    words = wording().monitor
    return [
        told("when", words.when),
        told("share_said", words.negative_share),
        told("interval_said", words.interval),
        told("said", words.tweets),
    ]
