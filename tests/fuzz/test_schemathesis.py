"""Requests made by schemathesis from the API's own description find no fault; `make fuzz` makes thousands of them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from faulty_api import FAULTS, faulty_api
from front_door import FrontDoor

HERE = Path(__file__).parent
EVERYDAY_CASES = 300
CASES = int(os.environ.get("FUZZ_CASES", EVERYDAY_CASES))
# By experience, and rather too few: what is made whatever the number of examples, and of each example over all routes.
CASES_ANYHOW = 200
CASES_PER_EXAMPLE = 10
PHASES = {"examples", "coverage", "fuzzing", "stateful"}


@dataclass(frozen=True, slots=True)
class Outcome:
    exit_code: int
    output: str
    generated: int
    # By operation.
    failures: dict[str, set[str]]
    passed_phases: set[str]


def fuzz(url: str, folder: Path, *options: str) -> Outcome:
    report = folder / "report.json"
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(HERE / "schemathesis.toml")),
            *("run", f"{url}/openapi.json", "--no-color"),
            *("--report", "json", "--report-json-path", str(report), *options),
        ],
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(HERE / "fuzz_checks.py")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    output = run.stdout + run.stderr
    assert report.exists(), output
    written = json.loads(report.read_text(encoding="utf-8"))
    failures: dict[str, set[str]] = {}
    for failure in written["failures"]:
        for operation in failure["operations"]:
            failures.setdefault(operation, set()).add(failure["title"])
    passed = {name for name, phase in written["phases"].items() if phase["status"] == "success"}
    return Outcome(run.returncode, output, written["test_cases"]["generated"], failures, passed)


def everyday_or_all() -> list[str]:
    examples = ["--max-examples", str((CASES - CASES_ANYHOW) // CASES_PER_EXAMPLE)]
    # Every day the same requests; those of `make fuzz` are always new, and are answered within a second.
    return examples + (["--seed", "1"] if CASES == EVERYDAY_CASES else ["--max-response-time", "1"])


@pytest.mark.timeout(3600)
def test_no_request_made_from_the_description_finds_a_fault(front_door: FrontDoor, tmp_path: Path) -> None:
    outcome = fuzz(front_door.url, tmp_path, *everyday_or_all())
    sys.stdout.write(f"{outcome.generated} requests from the description\n{outcome.output}")
    assert outcome.exit_code == 0
    assert outcome.generated >= CASES
    assert outcome.passed_phases == PHASES
    assert front_door.worker.is_running()
    assert "Traceback" not in front_door.log.read_text()


def test_without_its_promises_an_api_is_found_out(tmp_path: Path) -> None:
    with faulty_api() as url:
        outcome = fuzz(url, tmp_path, "--max-examples", "5", "--seed", "1", "--phases", "fuzzing")
    assert outcome.exit_code == 1
    for path, fault in FAULTS.items():
        found = outcome.failures.get(f"GET {path}", set())
        assert fault.title in found if fault.title else not found, outcome.output
