"""The search of search.py over Ray's workers: drawn and judged in this process, fitted in theirs.

    trainer study search bigru_learned --engine ray --address auto --workers 8

Only this process touches Optuna's database, so a file on its disk serves a cluster of many machines. Workers log their
fits into MLflow themselves.
"""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from trainer.candidates.search_space import Hopeless, Searchable
from trainer.dataset import Dataset
from trainer.errors import TrainerError
from trainer.ray_cluster import other_machines
from trainer.registry import connect
from trainer.settings import Settings
from trainer.studies.search import STORAGE, Search, count_missing, keep, open_draws, read_search
from trainer.studies.search_reports import DrawnTrial, Step, start_reports
from trainer.study import Arm, Result, find_run, run_arm, runs_of

if TYPE_CHECKING:
    import optuna
    from ray import ObjectRef

# A trial whose worker dies is begun again so often: there are fits that would kill worker after worker.
RETRIES = 3
# How long an interrupted search waits for its workers to write into MLflow that they were interrupted.
PATIENCE_SECONDS = 10
# Ray tells numpy and scikit-learn of the one processor that a fit has; these two read their own variables.
ONE_PROCESSOR = {"RAYON_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}


@dataclass(frozen=True)
class Plan:
    """What all trials of a search have in common; it travels to each worker's machine once."""

    candidate: Searchable
    dataset: Dataset
    settings: Settings
    run_id: str
    folder: Path  # where the search was started: relative paths of settings are seen from there
    environment: Mapping[str, str]


def fit_trial(trial: DrawnTrial, plan: Plan, twin: object) -> Result | None:
    """In a worker: the trial's result, or None where it was given up.

    `twin` is what came of an earlier trial of the same settings. It is only waited for: its checkpoints are the same.
    """
    os.environ.update(plan.environment)
    with contextlib.suppress(OSError):  # a machine without that folder has all it needs at absolute paths, or says so
        os.chdir(plan.folder)
    client, settings = connect(plan.settings), plan.settings
    arm = Arm(f"trial {trial.number}", plan.candidate.search_space(trial), plan.dataset)
    # A run whose worker was killed would say for ever that it is running.
    while lost := find_run(client, settings, runs_of(arm, settings, plan.run_id, "RUNNING")):
        client.set_terminated(lost.info.run_id, "FAILED")
    try:
        return run_arm(arm, client, settings, run_id=plan.run_id)
    except Hopeless:
        return None


class Spread:
    """The trials that are at work."""

    def __init__(self, study: "optuna.Study", plan: Plan) -> None:
        import ray

        self.study, self.candidate = study, plan.candidate
        self.plan = ray.put(plan)
        self.fit = ray.remote(num_cpus=1, max_retries=RETRIES)(fit_trial)
        self.reports = start_reports()
        self.news: ObjectRef[Step] = self.reports.next.remote()
        self.at_work: dict[ObjectRef[Result | None], optuna.Trial] = {}
        self.heard: set[tuple[int, int]] = set()

    def hand_out(self) -> None:
        """Draw a trial and give it to a worker."""
        trial = self.study.ask()
        self.candidate.search_space(trial)
        twin = next((ref for ref, other in reversed(self.at_work.items()) if other.params == trial.params), None)
        drawn = DrawnTrial(trial.number, trial.params, self.reports)
        self.at_work[self.fit.remote(drawn, self.plan, twin)] = trial

    def wait(self) -> bool:
        """Answer a step or settle a trial, whatever comes first; True for a trial."""
        import ray

        ready = ray.wait([self.news, *self.at_work], num_returns=1)[0][0]
        if ready != self.news:
            self.settle(ready)
            return True
        self.judge(ray.get(self.news))
        self.news = self.reports.next.remote()
        return False

    def judge(self, step: Step) -> None:
        trial = next((trial for trial in self.at_work.values() if trial.number == step.trial), None)
        if trial is None:  # the worker's last words
            return
        if (step.trial, step.step) not in self.heard:  # else told by the same fit, whose worker died
            self.heard.add((step.trial, step.step))
            trial.report(step.loss, step.step)
        self.reports.answer.remote(step.trial, trial.should_prune())

    def settle(self, ref: "ObjectRef[Result | None]") -> None:
        """Tell Optuna what came of a trial; the error of a fit is the search's."""
        import ray
        from optuna.trial import TrialState
        from ray.exceptions import RayError, RayTaskError

        trial = self.at_work[ref]
        try:
            result = ray.get(ref)
        except RayTaskError as error:
            raise error.cause from error
        except RayError as error:
            reason = str(error).splitlines()[0]
            raise TrainerError(f"trial {trial.number} was lost with its worker, again and again: {reason}") from error
        if result is None:
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, keep(result, trial))
        del self.at_work[ref]

    def close(self) -> None:
        """Interrupt what is at work, as an interrupted local search is: nothing of it counts."""
        import ray
        from optuna.trial import TrialState

        for ref, trial in self.at_work.items():
            # Finished where the signal came just as Optuna was told.
            self.study.tell(trial, state=TrialState.FAIL, skip_if_finished=True)
            ray.cancel(ref)
        if self.at_work:
            ray.wait([*self.at_work], num_returns=len(self.at_work), timeout=PATIENCE_SECONDS)


def search_on_ray(
    candidate: Searchable,
    dataset: Dataset,
    settings: Settings,
    *,
    run_id: str,
    trials: int,
    workers: int,
    storage: str = STORAGE,
) -> Search:
    """As `search`, with up to `workers` trials at once; inside `joined_cluster`."""
    require_shared_store(settings, other_machines())
    study = open_draws(f"{candidate.name}-{run_id}", storage, settings)
    # A cluster's workers were started elsewhere, and candidates read settings of their own.
    own = {name: value for name, value in os.environ.items() if name.startswith("TRAINER_")}
    plan = Plan(candidate, dataset, settings, run_id, Path.cwd(), own | ONE_PROCESSOR)
    missing = count_missing(study, trials)
    with (
        tqdm(total=trials, initial=trials - missing, unit=" trials", disable=None) as progress,
        contextlib.closing(Spread(study, plan)) as spread,
    ):
        while missing or spread.at_work:
            if missing and len(spread.at_work) < workers:
                spread.hand_out()
                missing -= 1
            elif spread.wait():
                progress.update()
    return read_search(study)


def require_shared_store(settings: Settings, others: Sequence[str]) -> None:
    """Refuse other machines where MLflow is a file on this one: each would write a file of its own."""
    if others and settings.tracking_uri.startswith("sqlite"):
        raise TrainerError(
            f"{', '.join(others)} cannot log into {settings.tracking_uri}: start MLflow's server, and set "
            "MLFLOW_TRACKING_URI to its address as all machines see it"
        )
