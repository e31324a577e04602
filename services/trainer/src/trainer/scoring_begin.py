"""What scoring a folder finds in OUTPUT: nothing, and a plan is made; or a run that was begun, and is gone on with."""

import shutil
from pathlib import Path

from pydantic import ValidationError

from trainer.bundle import Bundle
from trainer.scoring import ScoringRefused, added_columns, require_no_collision
from trainer.scoring_files import written_whole
from trainer.scoring_finish import BAD_ROWS, SUCCESS
from trainer.scoring_partition import BAD_FOLDER
from trainer.scoring_plan import Order, Plan, make_plan

PLAN = "_plan.json"


def require_apart(source: Path, output: Path) -> None:
    if output.is_file():
        raise ScoringRefused(f"{output} is a file: a folder's answer is a folder")
    if output == source or source in output.parents or output in source.parents:
        raise ScoringRefused(f"{output} and {source} lie in one another: give OUTPUT another place")


def open_plan(source: Path, output: Path, bundle: Bundle, order: Order, *, overwrite: bool) -> Plan:
    """The plan of a run that was begun, or a new one."""
    path = output / PLAN
    if path.exists() and not overwrite:
        return require_same(read_plan(path), source, output, order)
    if not path.exists() and output.exists() and any(output.iterdir()):
        raise ScoringRefused(f"{output} is not empty, and of no earlier run: name another folder")
    plan = make_plan(source, order)
    added = added_columns(bundle.classifier, order.prefix)
    for each in plan.files:
        require_no_collision(Path(each.file), each.columns, added)
    if path.exists():
        clear(output)
    output.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        part.write_text(plan.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return plan


def read_plan(path: Path) -> Plan:
    try:
        return Plan.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError:
        raise ScoringRefused(
            f"{path} is no plan that this trainer knows: name another folder, or remove this one"
        ) from None


def require_same(plan: Plan, source: Path, output: Path, order: Order) -> Plan:
    """Refuse to go on with another model, other options or other files: the partitions would not fit together."""
    for name in Order.model_fields:
        if (was := getattr(plan.order, name)) != (wanted := getattr(order, name)):
            raise ScoringRefused(f"{output} was begun with {name} {was!r}, not {wanted!r}: --overwrite begins anew")
    folder = source if source.is_dir() else source.parent
    if changed := [each.file for each in plan.files if not each.is_unchanged(folder)]:
        raise ScoringRefused(
            f"{', '.join(changed[:3])} changed or went since {output} was begun: --overwrite begins anew"
        )
    return plan


def clear(output: Path) -> None:
    """Take away what an earlier run wrote, and nothing else; the plan goes last."""
    (output / SUCCESS).unlink(missing_ok=True)
    (output / BAD_ROWS).unlink(missing_ok=True)
    shutil.rmtree(output / BAD_FOLDER, ignore_errors=True)
    for partition in read_plan(output / PLAN).partitions():
        (output / partition.name).unlink(missing_ok=True)
    (output / PLAN).unlink()
