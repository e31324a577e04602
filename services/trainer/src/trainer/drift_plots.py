"""The pictures of a drift report. Figures are made without pyplot, so nothing global is touched."""

import base64
import io
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trainer.drift import DriftDecision
from trainer.drift_monitors import Monitor

BEFORE, NOW, MOVED = "#8c959f", "#0969da", "#cf222e"
# Statistics of another kind than a share of the tweets.
NO_SHARES = {"length", "confidence", "words", "expected accuracy", "audited rejections"}


def draw_before_and_now(monitors: Sequence[Monitor]) -> Figure:
    """Each share of the tweets twice: in the reference, and in the last window; red where it moved."""
    shares = [monitor for monitor in monitors if monitor.name not in NO_SHARES]
    figure = Figure(figsize=(8, 0.9 + 0.5 * len(shares)), layout="constrained")
    axes = figure.subplots()
    places = range(len(shares))
    axes.barh([place - 0.19 for place in places], [100 * each.before for each in shares], 0.36, color=BEFORE)
    axes.barh(
        [place + 0.19 for place in places],
        [100 * each.now for each in shares],
        0.36,
        color=[MOVED if each.moved else NOW for each in shares],
    )
    axes.set_yticks(list(places), [each.name for each in shares])
    axes.invert_yaxis()
    axes.set(xlabel="% of the tweets; grey: reference, coloured: last window, red: moved", xlim=(0, 100))
    return figure


def draw_windows(decision: DriftDecision) -> Figure:
    """The course of what the model answers, window by window; dotted: the reference."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.subplots()
    numbers = range(1, len(decision.windows) + 1)
    names = [monitor.name for monitor in decision.windows[-1].monitors if is_course(monitor.name)]
    for colour, name in zip(("C0", "C1", "C2", "C3", "C4"), names, strict=False):
        course = [named(window.monitors, name) for window in decision.windows]
        # Of two labels this one nearly is the confidence, and lies on its line.
        style = "--" if name == "expected accuracy" else "-"
        axes.plot(numbers, [100 * each.now for each in course], style, marker=".", color=colour, label=name)
        axes.axhline(100 * course[-1].before, color=colour, linestyle=":", linewidth=1)
    for number, window in zip(numbers, decision.windows, strict=True):
        if window.moved:
            axes.axvspan(number - 0.5, number + 0.5, color=MOVED, alpha=0.1, linewidth=0)
    axes.set(xlabel="window (red: a monitor moved)", ylabel="%", ylim=(0, 100))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower left", ncols=3)
    return figure


def is_course(name: str) -> bool:
    return name.startswith("share ") or name in {"confidence", "expected accuracy"}


def named(monitors: Sequence[Monitor], name: str) -> Monitor:
    return next(monitor for monitor in monitors if monitor.name == name)


def as_image(figure: Figure, described: str) -> str:
    """The picture inside the page itself."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    content = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img alt="{described}" src="data:image/png;base64,{content}">'
