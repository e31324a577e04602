"""The report of a look: one page that a manager reads in two minutes and that needs nothing beside it."""

from collections.abc import Iterator
from html import escape

from trainer.document import STYLE
from trainer.drift import DriftDecision, DriftState, Looked
from trainer.drift_monitors import Monitor
from trainer.drift_plots import as_image, draw_before_and_now, draw_windows

VERDICTS = {
    DriftState.STABLE: "The tweets that come in are like those the model was made with.",
    DriftState.MOVED: "The last tweets are unlike those the model was made with; the next will tell if that lasts.",
    DriftState.DRIFTED: "The tweets that come in are no longer like those the model was made with.",
}
ACTIONS = {
    DriftState.STABLE: ["Nothing has to be done."],
    DriftState.MOVED: [
        "Wait for the next window: a holiday or one piece of news moves a day's tweets, and passes.",
        "Read what moved; where you know the cause, you know whether it will stay.",
    ],
    DriftState.DRIFTED: [
        "Judge the answers in the review queue, those drawn by lot first: only people can tell whether answers are "
        "wrong. New is not the same as wrong.",
        "Where they are wrong, correct them and run trainer retrain: the gate says whether the new model is better.",
        "Where they are right and the change stays, retrain too, so that the next comparison is with today's tweets.",
        "Where it is another language or another subject than the model is for, keep these tweets from it.",
    ],
}
BLIND = (
    "Words that come to mean something else, while the tweets look as before, move no monitor but one: what people "
    "say of the answers drawn by lot. The expected accuracy is the model's own opinion of itself: it is silent then, "
    "and too high where the model is sure and wrong. A change that is smaller than the thresholds of the table is not "
    "seen, and none at all before a window is full."
)
LAYOUT = "img{max-width:100%}td:nth-child(n+2):nth-child(-n+3){white-space:nowrap}tr.moved td{background:#ffebe9}"


def report_page(decision: DriftDecision, model: str, version: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        f"<title>Drift: {escape(model)}, version {escape(version)}</title><style>{STYLE}{LAYOUT}</style></head>\n"
        "<body>\n" + "\n".join(sections(decision, model, version)) + "\n</body></html>\n"
    )


def sections(decision: DriftDecision, model: str, version: str) -> Iterator[str]:
    tone = "good" if decision.state is DriftState.STABLE else "bad"
    yield f"<h1>Have the tweets changed? {escape(model)}, version {escape(version)}</h1>"
    yield f'<p class="note {tone}"><strong>{VERDICTS[decision.state]}</strong> ({decision.state})</p>'
    yield f"<p>{escape(compared(decision))}</p>"
    if decision.reasons:
        yield "<h2>What moved</h2>" + listing(decision.reasons)
    yield "<h2>What to do</h2>" + listing(ACTIONS[decision.state])
    yield "<h2>Before and now</h2>" + as_image(draw_before_and_now(decision.monitors), "shares before and now")
    yield "<h2>Window by window</h2>" + as_image(draw_windows(decision), "what the model answered in each window")
    yield "<h2>Is it right?</h2>" + listing([monitor.words for monitor in decision.monitors[-2:]])
    yield "<h2>All monitors, in the last window</h2>" + table(decision.monitors)
    yield f"<h2>What this cannot see</h2><p>{BLIND}</p>"


def compared(decision: DriftDecision) -> str:
    windows = decision.windows
    size = windows[-1].tweets
    count = f"The last {len(windows)} windows of {size} tweets" if len(windows) > 1 else f"One window of {size} tweets"
    return f"{count}{span(windows[-1])}, beside {decision.reference}.{hurry(windows[-1])}"


def span(window: Looked) -> str:
    if window.since is None or window.until is None:
        return ""
    return f", the last of them from {window.since:%Y-%m-%d %H:%M} to {window.until:%Y-%m-%d %H:%M} UTC"


def hurry(window: Looked) -> str:
    """What comes in within hours differs from a day for no other reason than the hour."""
    if window.since is None or window.until is None or (window.until - window.since).total_seconds() >= 86_400:
        return ""
    return " A window is shorter than a day: mornings and nights differ; a larger one (--window) would even that out."


def listing(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def table(monitors: list[Monitor]) -> str:
    head = "<tr><th>monitor</th><th>statistic</th><th>threshold</th><th>in words</th></tr>"
    rows = "".join(
        f'<tr class="{"moved" if monitor.moved else "still"}"><td>{escape(monitor.name)}</td>'
        f"<td>{monitor.statistic:.3f}</td><td>{monitor.threshold:.3f}</td><td>{escape(monitor.words)}</td></tr>"
        for monitor in monitors
    )
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
