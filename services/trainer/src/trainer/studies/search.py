"""Which settings suit a candidate best? Optuna draws them, and gives up on fits that fall behind the others.

    trainer study search tfidf_logreg --dataset sentiment140 --limit 200000 --trials 30

The draws lie in a database of their own and their fits in MLflow: the same command goes on where it was interrupted,
and with more trials it adds the rest. Drawn by the tree-structured Parzen estimator (Bergstra et al. 2011).
Here one trial after the other is fitted; search_ray.py fits many at once, and either goes on with what both have done.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from mlflow import MlflowClient
from pydantic import TypeAdapter
from tqdm import tqdm

from trainer.candidates import CANDIDATES, find_candidate
from trainer.candidates.search_space import Hopeless, Searchable
from trainer.dataset import Dataset
from trainer.errors import TrainerError
from trainer.settings import Settings
from trainer.study import Arm, Result, run_arm

if TYPE_CHECKING:
    import optuna

STORAGE = "sqlite:///var/studies/search.db"
# Fits that are finished whatever they look like: below that there is nothing to fall behind of.
FIRST_TRIALS = 5
# Below that, what each setting mattered is noise.
TRIALS_TO_JUDGE = 20
RESULT = "result"

RESULTS = TypeAdapter(Result)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Search:
    """What a search has found so far: every finished trial, best first, and how much each setting mattered."""

    results: list[Result]
    losses: dict[int, float]  # log-loss by trial number
    stopped: int  # trials given up
    best: dict[str, object]  # the settings
    importances: dict[str, float]  # shares of one; empty while there are too few trials to tell


def find_searchable(name: str) -> Searchable:
    candidate = find_candidate(name)
    if not isinstance(candidate, Searchable):
        others = [each.name for each in CANDIDATES.values() if isinstance(each, Searchable)]
        raise TrainerError(f"{name} offers no settings to search: choose one of {', '.join(others)}")
    return candidate


def search(
    candidate: Searchable,
    dataset: Dataset,
    client: MlflowClient,
    settings: Settings,
    *,
    run_id: str,
    trials: int,
    storage: str = STORAGE,
) -> Search:
    """Draw and fit until there are `trials` that were finished or given up; `run_id` is the study's run.

    Raises TrainerError where Optuna is not installed.
    """
    study = open_draws(f"{candidate.name}-{run_id}", storage, settings)

    def validation_loss(trial: "optuna.Trial") -> float:
        import optuna

        arm = Arm(f"trial {trial.number}", candidate.search_space(trial), dataset)
        try:
            result = run_arm(arm, client, settings, run_id=run_id)
        except Hopeless as reason:
            raise optuna.TrialPruned(str(reason)) from None
        return keep(result, trial)

    missing = count_missing(study, trials)
    with tqdm(total=trials, initial=trials - missing, unit=" trials", disable=None) as progress:

        def advance(study: "optuna.Study", trial: "optuna.trial.FrozenTrial") -> None:
            progress.update()

        study.optimize(validation_loss, n_trials=missing, callbacks=[advance])
    return read_search(study)


def open_draws(name: str, storage: str, settings: Settings) -> "optuna.Study":
    try:
        import optuna
    except ModuleNotFoundError:
        raise TrainerError("a search needs Optuna: `uv sync --all-packages --extra study` installs it") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if storage.startswith("sqlite:///"):
        Path(storage.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=FIRST_TRIALS)
    study = optuna.create_study(study_name=name, storage=storage, pruner=pruner, load_if_exists=True)
    # Going on with the first seed would draw the first settings again.
    study.sampler = optuna.samplers.TPESampler(
        seed=settings.seed + len(study.trials),
        n_startup_trials=FIRST_TRIALS,
        constant_liar=True,  # trials that are at work at the same time are drawn apart
    )
    return study


def count_missing(study: "optuna.Study", trials: int) -> int:
    return max(0, trials - len(ended(study)))


def keep(result: Result, trial: "optuna.Trial") -> float:
    """Leave a finished trial's result with it; gives what the search makes small."""
    trial.set_user_attr(RESULT, RESULTS.dump_python(result))
    return result.scores.log_loss


def ended(study: "optuna.Study") -> "list[optuna.trial.FrozenTrial]":
    """Finished or given up; neither interrupted nor, in another process, at work."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def read_search(study: "optuna.Study") -> Search:
    finished = [trial for trial in ended(study) if RESULT in trial.user_attrs]
    by_loss = sorted(finished, key=lambda trial: float(trial.value or 0))
    return Search(
        results=[RESULTS.validate_python(trial.user_attrs[RESULT]) for trial in by_loss],
        losses={trial.number: float(trial.value or 0) for trial in finished},
        stopped=len(ended(study)) - len(finished),
        best=dict(by_loss[0].params),
        importances=importances(study) if len(finished) >= TRIALS_TO_JUDGE else {},
    )


def importances(study: "optuna.Study") -> dict[str, float]:
    """Each setting's share in the differences between good and other trials (PED-ANOVA, arXiv 2304.10255)."""
    from optuna.importance import get_param_importances

    return dict(get_param_importances(study))


def summary(found: Search) -> str:
    """The best settings, and what mattered, in two lines of Markdown."""
    settings = ", ".join(f"`{name}` {value}" for name, value in found.best.items())
    lines = [f"Best of {len(found.results)} finished trials ({found.stopped} given up): {settings}."]
    if found.importances:
        shares = ", ".join(f"`{name}` {share:.2f}" for name, share in found.importances.items())
        lines.append(f"Share of the differences: {shares}.")
    return "\n\n".join(lines)


def draw_search(found: Search) -> Figure:
    """The trials in their order with the best so far and, where it is known, what each setting mattered."""
    panels = 2 if found.importances else 1
    figure = Figure(figsize=(5.5 * panels, 4), layout="constrained")
    left, *rest = figure.subplots(1, panels, squeeze=False)[0]
    numbers = sorted(found.losses)
    losses = [found.losses[number] for number in numbers]
    left.plot(numbers, losses, "o", label="trial")
    left.step(numbers, best_so_far(losses), where="post", label="best so far")
    left.set(xlabel="trial", ylabel="validation log-loss")
    left.legend()
    for right in rest:
        right.barh(list(found.importances), list(found.importances.values()))
        right.invert_yaxis()
        right.set(xlabel="share of the differences in log-loss")
    return figure


def best_so_far(losses: Sequence[float]) -> list[float]:
    return [min(losses[: index + 1]) for index in range(len(losses))]
