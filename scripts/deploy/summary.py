"""What was planned, and what became of it: for people who read a log, and for a workflow's summary."""

import os
from collections.abc import Sequence
from pathlib import Path

from .images import Images, short
from .rollout import DONE, Outcome
from .steps import Step


def describe_plan(steps: Sequence[Step], images: Images, where: str) -> str:
    lines = [f"release {images.release} to {where}:"]
    for number, step in enumerate(steps, 1):
        lines.append(f"{number}. {step.name}, now {step.before or 'without an image'}")
        if step.is_needed:
            lines += [f"   - {call}" for call in step.describe()]
        else:
            lines.append("   - nothing to do: it has this digest")
    return "\n".join(lines)


def write_summary(outcome: Outcome, images: Images, where: str) -> None:
    """Into the file that GitHub Actions shows, where there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    state = "deployed" if outcome.code == DONE else "not deployed"
    lines = [f"### Release `{images.release}` {state}: {where}", "", *quoted(outcome.sentence), ""]
    if outcome.rows:
        lines += ["| what | before | image of this release | |", "|---|---|---|---|"]
        lines += [
            f"| {step.name} | `{short(step.before)}` | `{short(step.image)}` | {flat(state)} |"
            for step, state in outcome.rows
        ]
    with Path(path).open("a", encoding="utf-8") as summary:
        summary.write("\n".join(lines) + "\n\n")


def quoted(sentence: str) -> list[str]:
    first, *commands = sentence.splitlines()
    return [first, *(["", "```", *(each.strip() for each in commands), "```"] if commands else [])]


def flat(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
