"""Retraining in MLflow: runs of what was refused, and how far the proposals before have read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trainer.errors import TrainerError
from trainer.feedback import Feedback
from trainer.proposal import Proposal
from trainer.registry import Client, experiment_id
from trainer.settings import Settings

REFUSED = "retrain refused"
UNTIL, OF_MODEL = "feedback.until", "proposal.model"
# MLflow's own limit for a tag is higher; who reads it there wants its beginning.
LONGEST = 4_000


class RetrainRefused(TrainerError):
    """There is nothing to learn from, or nothing that may be learned from; the message says why and what to do."""


def tags_of(feedback: Feedback) -> dict[str, str]:
    return {
        "feedback.since": str(feedback.since),
        UNTIL: str(feedback.until),
        "feedback.verdicts": str(feedback.verdicts),
    }


@contextmanager
def noting_refusals(tags: Mapping[str, str], client: Client, settings: Settings) -> Iterator[None]:
    """A refusal leaves a run behind, so that whoever looks into MLflow sees why nothing was trained."""
    try:
        yield
    except RetrainRefused as refusal:
        noted = {**tags, "reason": str(refusal)[:LONGEST]}
        run = client.create_run(experiment_id(client, settings), run_name=REFUSED, tags=noted)
        client.set_terminated(run.info.run_id)
        raise


def last_cursor(client: Client, settings: Settings) -> int | None:
    """Where the verdicts of the last proposal ended; None where there has been none."""
    runs = client.search_runs(
        [experiment_id(client, settings)],
        filter_string=f"tags.`{OF_MODEL}` = '{settings.model_name}'",
        order_by=["start_time DESC"],
        max_results=1,
    )
    return int(runs[0].data.tags[UNTIL]) if runs else None


def log_proposal(proposal: Proposal, folder: Path, client: Client) -> None:
    client.log_artifacts(proposal.run_id, str(folder), "proposal")
    client.set_tag(proposal.run_id, "gate.passed", str(proposal.verdict.passed).lower())
    client.set_tag(proposal.run_id, OF_MODEL, proposal.model)
