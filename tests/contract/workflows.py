"""The workflows as GitHub reads them: their jobs, their steps, and the scripts in those, which can be run here."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
# YAML 1.1, which PyYAML reads, takes a bare `on` for a truth value.
ON = True
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
# As GitHub runs a step whose shell is `bash`.
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


@dataclass(frozen=True)
class Step:
    workflow: str
    job: str
    number: int
    given: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.workflow}, {self.job}, {self.number}"

    @property
    def script(self) -> str:
        return str(self.given.get("run", ""))


def read(name: str) -> dict[Any, Any]:
    return dict(yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8")))


WORKFLOWS = {file.stem: read(file.stem) for file in FILES}
JOBS = {(name, job): given for name, workflow in WORKFLOWS.items() for job, given in workflow["jobs"].items()}
STEPS = [
    Step(workflow, job, number, given)
    for (workflow, job), content in JOBS.items()
    for number, given in enumerate(content.get("steps", []), 1)
]
SCRIPTS = [step for step in STEPS if step.script]


def step_named(workflow: str, job: str, name: str) -> Step:
    [found] = [step for step in STEPS if (step.workflow, step.job, step.given.get("name")) == (workflow, job, name)]
    return found


def expressions(given: object) -> Iterator[str]:
    """What stands in `${{ … }}`, and in the conditions, which need no such marks."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            if key == "if":
                yield str(value)
            yield from expressions(value)
    elif isinstance(given, list):
        for each in given:
            yield from expressions(each)
    elif isinstance(given, str):
        yield from EXPRESSION.findall(given)


def run(step: Step, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A step's script in a folder, with the variables that GitHub would give it."""
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    known |= {"GITHUB_OUTPUT": str(folder / "output"), "RUNNER_TEMP": str(folder)}
    return subprocess.run(
        [*BASH, "-c", step.script], cwd=folder, env=known | variables, capture_output=True, text=True, check=False
    )


def stand_in(path: Path, script: str) -> None:
    """A command that is called instead of the real one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
