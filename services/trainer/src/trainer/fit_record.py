"""`training.json`: what a fit cost, beside a bundle's three files and no part of it.

No fit takes the same time twice: in `model.json` these figures would give the same model another digest each time.
Serving does not need the file and the registry does not keep it.
"""

import logging
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE = "training.json"

logger = logging.getLogger(__name__)


class FitRecord(BaseModel):
    """Seconds, the process's peak memory while it fitted, the machine's cores, and a row per step of a long fit.

    A fit that went on from a checkpoint counts from there on.
    """

    # The loss of a fit that went astray is no number; what it cost is kept all the same.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    fit_seconds: float
    peak_megabytes: float
    cores: int = Field(default_factory=lambda: os.cpu_count() or 1)
    history: list[dict[str, float]]


def write_record(folder: Path, record: FitRecord) -> None:
    temporary = folder / f"{FILE}.part"
    temporary.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / FILE)


def read_record(folder: Path) -> FitRecord | None:
    """None where there is no record, or none that can be read: the bundle is as good without it."""
    try:
        return FitRecord.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        logger.warning('fit_record_ignored file="%s" reason="%s"', folder / FILE, error.errors()[0]["msg"])
        return None
