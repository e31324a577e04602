"""From people's verdicts to a challenger and a proposal.

    trainer retrain
    trainer retrain --candidate tfidf_logreg --replay sentiment140

Read, screen, mix, train, judge, propose. The verdicts are read anew each time and kept nowhere; a batch that the guards
refuse trains nothing.
"""

import logging
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trainer import replay, training
from trainer.api import Api, Move
from trainer.bundle import Bundle
from trainer.candidates import Candidate, find_candidate
from trainer.candidates.continuing import continue_from
from trainer.cleaning import keys
from trainer.dataset import Dataset
from trainer.feedback import Feedback, count_new, read_feedback
from trainer.judging import judge
from trainer.model_card import model_card
from trainer.poisoning import Rules, Screening, find_people, screen, shown_name
from trainer.promotion import write_verdict
from trainer.proposal import Proposal, compare_behaviours, compare_sets, learned_from
from trainer.proposal_words import reason_of, write_proposal
from trainer.registry import CHAMPION, Client, version_of
from trainer.replay import Mixture
from trainer.retraining_runs import RetrainRefused, last_cursor, log_proposal, noting_refusals, tags_of
from trainer.scoring_model import download_bundle
from trainer.settings import Settings
from trainer.standard import standard_test_sets
from trainer.test_sets import TestSet

logger = logging.getLogger(__name__)

BY = "trainer retrain"


@dataclass(frozen=True)
class Request:
    """What the caller wants otherwise; by default the champion's own recipe, its own data, everybody's verdicts."""

    candidate: str = ""
    replay: str = ""
    since: int = 0
    trusted: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        words = ["trainer", "retrain"]
        words += ["--candidate", self.candidate] if self.candidate else []
        words += ["--replay", Path(self.replay).name] if self.replay else []
        words += ["--since", str(self.since)] if self.since else []
        return shlex.join(words)


@dataclass(frozen=True)
class Champion:
    version: str
    bundle: Bundle

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.bundle.card.labels)


@dataclass(frozen=True)
class Batch:
    """What may be learned, with the original data that it is mixed with and the sets it will be judged on."""

    feedback: Feedback
    screening: Screening
    original: Dataset
    tests: list[TestSet]
    new_verdicts: int | None
    trusted: list[str]


@dataclass(frozen=True)
class Retraining:
    proposal: Proposal
    folder: Path


def retrain(request: Request, api: Api, client: Client, settings: Settings) -> Retraining:
    """A challenger, judged, with its proposal written and logged. Raises RetrainRefused where the guards refuse."""
    with champion_of(client, settings) as champion:
        before = last_cursor(client, settings)
        new = None if before is None else count_new(api, before)
        feedback = read_feedback(api, champion.labels, request.since)
        logger.info("feedback_read verdicts=%d corrections=%d", feedback.verdicts, len(feedback.corrections))
        tags = tags_of(feedback)
        with noting_refusals(tags, client, settings):
            batch = gather(request, feedback, champion, settings, new_verdicts=new)
            candidate, mixture = prepare(request, batch, champion, settings)
        trained = training.train(
            candidate,
            mixture.dataset,
            batch.tests,
            client,
            settings,
            folder=settings.bundles_dir / f"{candidate.name}-retrained",
            command=request.command,
            run_name=f"retrain {candidate.name}",
            tags=tags | {"feedback.labels": str(len(batch.screening.kept))},
        )
        return propose(trained, batch, mixture, champion, client, settings)


@contextmanager
def champion_of(client: Client, settings: Settings) -> Iterator[Champion]:
    """The champion, its files on disk meanwhile."""
    version = version_of(CHAMPION, client, settings)
    if version is None:
        raise RetrainRefused(
            f"{settings.model_name} has no champion yet: `trainer register models/champion --champion-if-none`"
        )
    with tempfile.TemporaryDirectory() as folder:
        yield Champion(version, download_bundle(f"models:/{settings.model_name}/{version}", Path(folder), settings))


def gather(
    request: Request, feedback: Feedback, champion: Champion, settings: Settings, *, new_verdicts: int | None
) -> Batch:
    """The verdicts, screened; what is refused for itself is refused before the original data is read."""
    trusted = find_people(request.trusted, feedback.corrections)
    rules = Rules(
        settings.reviewer_share,
        settings.retrain_at_least,
        trusted,
        find_people(request.without, feedback.corrections),
    )
    require_no_refusal(screen(feedback.corrections, rules))
    original = replay.load_replay(
        request.replay or replay.replay_name(champion.bundle.card.dataset.name), champion.labels, settings
    )
    own = training.own_tests(original)
    others = list(standard_test_sets(champion.labels, settings, apart_from=[each.dataset for each in own]))
    screening = screen(
        feedback.corrections,
        rules,
        known=replay.known_labels(original, {each.key for each in feedback.corrections}),
        tests={key for test in (*own, *others) for key in keys(test.tweets.texts)},
    )
    require_no_refusal(screening)
    return Batch(feedback, screening, original, others, new_verdicts, sorted(map(shown_name, trusted)))


def require_no_refusal(screening: Screening) -> None:
    if screening.refusals:
        raise RetrainRefused("; ".join(screening.refusals))


def prepare(request: Request, batch: Batch, champion: Champion, settings: Settings) -> tuple[Candidate, Mixture]:
    """The recipe and what it learns from: the champion's own weights go on where they can, else all is learned anew."""
    kept, original = batch.screening.kept, batch.original
    going_on = None
    if not request.candidate:
        going_on = continue_from(champion.bundle, frozenset(each.key for each in kept))
    candidate = going_on or find_candidate(request.candidate or champion.bundle.card.name)
    mixture = replay.mix(
        original,
        kept,
        share=settings.feedback_share,
        tweets=settings.replay_tweets if going_on else None,
        seed=settings.seed,
    )
    learned = champion.bundle.card
    if (candidate.name, mixture.dataset.fingerprint) == (learned.name, learned.dataset.fingerprint):
        raise RetrainRefused(f"the champion, version {champion.version}, has learned exactly these tweets already")
    return candidate, mixture


def propose(
    trained: training.Training,
    batch: Batch,
    mixture: Mixture,
    champion: Champion,
    client: Client,
    settings: Settings,
) -> Retraining:
    """Judge the challenger, keep the verdict with its version, write and log the proposal."""
    version, bundle = trained.registered.version, trained.bundle
    tests = training.all_tests(mixture.dataset, batch.tests)
    judged = judge(bundle, champion.bundle, champion.version, tests, settings)
    write_verdict(version, judged.verdict, client, settings)
    gained, lost = compare_behaviours(champion.bundle, bundle, settings.behaviour_dir)
    proposal = Proposal(
        model=settings.model_name,
        version=version,
        digest=bundle.digest,
        candidate=bundle.card.name,
        verdict=judged.verdict,
        learned=learned_from(
            batch.feedback,
            batch.screening,
            mixture,
            replay=batch.original.name,
            new=batch.new_verdicts,
            trusted=batch.trusted,
        ),
        sets=compare_sets(judged.pairs, mixture.held_out, seed=settings.seed),
        behaviours_gained=gained,
        behaviours_lost=lost,
        card=model_card(bundle, judged.verdict),
        run_id=trained.run_id,
    )
    folder = settings.proposals_dir / version
    write_proposal(proposal, folder)
    log_proposal(proposal, folder, client)
    return Retraining(proposal, folder)


def promote(proposal: Proposal, api: Api) -> Move:
    """Through the API, which looks at the verdict again and writes the journal."""
    return api.promote(proposal.version, reason=reason_of(proposal), by=BY)
