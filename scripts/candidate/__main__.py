"""A candidate from its tweets to the gate's verdict beside models/champion, as `make candidate` and model.yml make it.

    make candidate CANDIDATE=tfidf_logreg DATASET=sentiment140

Fetches what is not here, and runs the trainer's own commands, with an MLflow store of its own, so that it depends on
nothing that was registered before. Leaves in FOLDER: `bundle/`, `comparison/`, `verdict.json`, `summary.md`, and where
the gate passed it the repository's `README.md` with the new figures.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from trainer.bundle import Bundle, load_bundle
from trainer.comparison_results import read_results
from trainer.errors import TrainerError
from trainer.finding import locate
from trainer.gate import Verdict
from trainer.judging import judge
from trainer.settings import Settings
from trainer.sources import DatasetNotFound, find_source
from trainer.standard import standard_test_sets

from .summary import summary

ROOT = Path(__file__).resolve().parents[2]
TRAINER = Path(sys.executable).parent / "trainer"
CHAMPION = Path("models") / "champion"
LEFT = ("bundle", "comparison", "mlflow", "verdict.json", "summary.md", "README.md")


def main() -> int:
    given = arguments()
    os.chdir(ROOT)
    try:
        make(given.candidate, given.dataset, given.folder)
    except (subprocess.CalledProcessError, TrainerError, OSError) as error:
        # A command has said itself what is wrong.
        if not isinstance(error, subprocess.CalledProcessError):
            sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.candidate", description="Fits a candidate and judges it beside models/champion."
    )
    parser.add_argument("candidate", help="the recipe, e.g. tfidf_logreg; its seed is TRAINER_SEED")
    parser.add_argument("--dataset", default="sample", help="as for `trainer train`: sentiment140, or several by +")
    parser.add_argument("--folder", type=lambda given: Path(given).resolve(), default=ROOT / "var" / "candidate")
    return parser.parse_args()


def make(candidate: str, dataset: str, folder: Path) -> None:
    clear(folder)
    fetch_missing(dataset, Settings())
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}"
    os.environ["TRAINER_ARTIFACTS_DIR"] = str(folder / "mlflow" / "artifacts")
    trainer("train", candidate, "--dataset", dataset, "--output", folder / "bundle")
    trainer("compare", CHAMPION, folder / "bundle", "--output", folder / "comparison")
    bundle, champion = load_bundle(folder / "bundle"), load_bundle(CHAMPION)
    verdict = judged(bundle, champion, Settings())
    (folder / "verdict.json").write_text(verdict.model_dump_json(indent=1) + "\n", encoding="utf-8")
    written = summary(bundle, champion, verdict, read_results(folder / "comparison"))
    (folder / "summary.md").write_text(written, encoding="utf-8")
    if verdict.passed:
        shutil.copy(ROOT / "README.md", folder / "README.md")
        trainer("evaluate", folder / "bundle", "--recorded", "--write", folder / "README.md")
    sys.stdout.write(f"\n{written.splitlines()[0].lstrip('# ')}: {folder / 'summary.md'}\n")


def clear(folder: Path) -> None:
    """Of the last one; what else lies there is not ours."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in (folder / name for name in LEFT):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)


def fetch_missing(dataset: str, settings: Settings) -> None:
    """Each published part of the dataset that is not here; one without a direct download ends it, with where it is."""
    for part in dataset.split("+"):
        source = find_source(part.partition(":")[0])
        if source is None:
            continue
        try:
            locate(source.name, settings.data_dir, sample_dir=settings.sample_dir)
        except DatasetNotFound:
            trainer("dataset", "fetch", source.name)


def trainer(*words: object) -> None:
    command = [str(TRAINER), *map(str, words)]
    sys.stdout.write(f"\n$ {' '.join(['trainer', *command[1:]])}\n")
    sys.stdout.flush()
    subprocess.run(command, check=True)


def judged(bundle: Bundle, champion: Bundle, settings: Settings) -> Verdict:
    tests = list(standard_test_sets(tuple(bundle.card.labels), settings))
    return judge(bundle, champion, None, tests, settings).verdict


if __name__ == "__main__":
    raise SystemExit(main())
