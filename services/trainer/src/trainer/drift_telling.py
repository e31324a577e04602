"""Who hears of a look: MLflow keeps the page, the API raises the alert."""

from trainer.api import Api
from trainer.drift_look import Found
from trainer.drift_monitors import Monitor
from trainer.drift_registry import drift_run
from trainer.registry import Client
from trainer.settings import Settings

# As the API takes them.
LONGEST, MOST_REASONS, MOST_MONITORS = 300, 20, 40


def tell(found: Found, page: str, api: Api, client: Client, settings: Settings) -> str | None:
    """The address of the report in MLflow, where that has one. A look that the API has not heard of is made again."""
    with drift_run(found.decision, found.next, page, found.champion.version, client, settings) as address:
        api.send_drift_report(report_body(found, address))
    return address


def report_body(found: Found, link: str | None) -> dict[str, object]:
    """As `POST /v1/drift-reports` wants it."""
    decision = found.decision
    return {
        "model_version": found.champion.version,
        "model_digest": found.next.digest,
        "state": decision.state.value,
        "reasons": [shortened(reason) for reason in decision.reasons[:MOST_REASONS]],
        "monitors": [monitor_body(monitor) for monitor in decision.monitors[:MOST_MONITORS]],
        "windows": len(decision.windows),
        "predictions": sum(looked.tweets for looked in decision.windows),
        "since": found.since,
        "until": found.next.until,
        "reference": shortened(decision.reference),
        "link": link,
    }


def monitor_body(monitor: Monitor) -> dict[str, object]:
    return {
        "name": monitor.name,
        "statistic": monitor.statistic,
        "threshold": monitor.threshold,
        "moved": monitor.moved,
        "words": shortened(monitor.words),
    }


def shortened(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
