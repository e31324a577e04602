"""What a comparison found, typed, and as the JSON that the notebook and the documents read."""

from pathlib import Path

from pydantic import ValidationError

from trainer.card import Part, Scores
from trainer.errors import TrainerError
from trainer.fit_record import FitRecord

FILE = "results.json"


class Quality(Part):
    """One bundle on one test set.

    `p_against_best` is McNemar's, None for the best itself; `calibration` holds mean confidence, share right and
    number of tweets of each bin.
    """

    scores: Scores
    macro_f1_low: float
    macro_f1_high: float
    p_against_best: float | None
    calibration: list[tuple[float, float, int]]


class ServingCost(Part):
    """Microseconds a tweet on one core, in batches and one text a call; megabytes on disk and in memory."""

    microseconds_in_batches: float
    microseconds_alone: float
    bundle_megabytes: float
    resident_megabytes: float


class Measured(Part):
    """One bundle: under which name it is compared, what it is, what it scored and what it costs."""

    name: str
    candidate: str
    digest: str
    dataset: str
    train_tweets: int
    qualities: list[Quality]  # in the order of the group's test sets
    serving: ServingCost
    fit: FitRecord | None


class Group(Part):
    """Bundles with the same labels, which is what can be compared. `left_out` says which sets are not, and why."""

    labels: list[str]
    bundles: list[Measured]
    left_out: list[str]

    @property
    def name(self) -> str:
        return {2: "binary", 3: "three-class"}.get(len(self.labels), f"{len(self.labels)} labels")


class Comparison(Part):
    """`cores` are those of the machine that measured; `refused` names folders that are no bundle, and why."""

    cores: int
    groups: list[Group]
    refused: list[str]


def write_results(folder: Path, comparison: Comparison) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(comparison.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_results(folder: Path) -> Comparison:
    """Raises TrainerError, with what to do, where there are none or they are of another version."""
    try:
        return Comparison.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        raise TrainerError(f"there is no {folder / FILE}: `trainer compare` makes it") from None
    except ValidationError as error:
        raise TrainerError(
            f"{folder / FILE} cannot be read ({error.errors()[0]['msg']}): `trainer compare` makes it again"
        ) from None
