"""What may become champion, and where a rollback goes. Pure: rows and verdicts in, a decision or its reasons out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from inference.errors import MoveRefused
from inference.loop_schemas import GateVerdict, MoveKind

# Of failed checks that a refusal names, and of what each found: a tag in MLflow may be very long.
CHECKS_NAMED, FOUND_CHARACTERS = 20, 300


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A fresh registry counts from 1 again: where the digests are known, they count too."""

    version: str
    digest: str | None

    def is_same(self, other: "ModelVersion") -> bool:
        return self.version == other.version and len({self.digest, other.digest} - {None}) < 2


@dataclass(frozen=True, slots=True)
class Move:
    """A line of the journal."""

    at: datetime
    kind: MoveKind
    by: str | None
    reason: str | None
    before: ModelVersion | None
    after: ModelVersion


def read_verdict(tag: str | None) -> GateVerdict | None:
    """One that cannot be read is none: it lets nobody pass."""
    try:
        return GateVerdict.model_validate_json(tag, strict=True) if tag else None
    except ValidationError:
        return None


def check_verdict(candidate: ModelVersion, verdict: GateVerdict | None, champion: ModelVersion | None) -> GateVerdict:
    """The verdict by which the candidate may become champion. Raises MoveRefused with the reasons."""
    number = candidate.version
    if champion is not None and champion.version == number:
        raise MoveRefused(f"Version {number} is the champion already.")
    if candidate.digest is None:
        raise MoveRefused(f"Version {number} has no tag `digest`: register its bundle with `trainer register`.")
    if verdict is None:
        raise MoveRefused(f"Version {number} has no verdict of the gate: run `trainer gate {number}`.")
    if verdict.digest != candidate.digest:
        raise MoveRefused(f"The gate judged another bundle than version {number}'s: run `trainer gate {number}`.")
    require_passed(number, verdict)
    require_same_champion(number, verdict, champion)
    return verdict


def require_passed(number: str, verdict: GateVerdict) -> None:
    failed = [check for check in verdict.checks if not check.passed][:CHECKS_NAMED]
    if failed:
        found = "; ".join(f"{check.name}: {check.found[:FOUND_CHARACTERS]}" for check in failed)
        raise MoveRefused(f"Version {number} did not pass the gate. {found}.")
    if not verdict.passed:
        raise MoveRefused(f"Version {number} did not pass the gate.")


def require_same_champion(number: str, verdict: GateVerdict, champion: ModelVersion | None) -> None:
    if is_against(verdict, champion):
        return
    then = "with no champion" if verdict.against_digest is None else f"with version {verdict.against_version}"
    now = "none" if champion is None else f"version {champion.version}"
    if champion is not None and champion.version == verdict.against_version:
        now += " with another bundle"
    raise MoveRefused(
        f"Version {number} was compared {then}, and the champion is {now} now: run `trainer gate {number}`."
    )


def is_against(verdict: GateVerdict, champion: ModelVersion | None) -> bool:
    if champion is None:
        return verdict.against_digest is None and verdict.against_version is None
    if champion.digest is None:
        # Registered by hand, without its digest. Within one registry its number names it.
        return verdict.against_version == champion.version
    return verdict.against_digest == champion.digest


def champions_in_turn(journal: Sequence[Move]) -> list[ModelVersion]:
    """The journal, oldest first, read as a stack: the champion is last, before it those that one may go back to.

    A way back takes off all that came after, also where somebody made it by hand: nobody goes back to what was left so.
    """
    stack: list[ModelVersion] = []
    for move in journal:
        places = [place for place, each in enumerate(stack, 1) if each.is_same(move.after)]
        if places and (move.kind != "promotion" or places[-1] == len(stack)):
            del stack[places[-1] :]
        else:
            stack.append(move.after)
    return stack


def find_previous(journal: Sequence[Move]) -> ModelVersion:
    """Raises MoveRefused where there is none."""
    stack = champions_in_turn(journal)
    if len(stack) < 2:
        raise MoveRefused("There was no champion before this one that one could go back to.")
    return stack[-2]
