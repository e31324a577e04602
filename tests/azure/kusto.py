"""Queries in KQL, run on rows as they are written: the tree is that of Microsoft's own language service."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AZURE = ROOT / "infra" / "azure"
KQL = ROOT / "scripts" / "kql.sh"
SERVICE = ROOT / ".tools" / "kusto"
EVALUATOR = Path(__file__).parent / "kql" / "run.mjs"
# How scripts/kql.sh ends where it could not begin: no node, no network.
NO_NODE, NO_NETWORK = 77, 69

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]


class QueryRefused(ValueError):
    """The query is wrong, or has something that the evaluator does not know; the message begins with line:column."""


class Kusto:
    """One process, because to load the language service takes longer than most queries."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, query: str, rows: Sequence[Row]) -> list[Row]:
        """On rows of customEvents. Raises QueryRefused."""
        [answer] = self.run_all(query, [{"customEvents": rows}])
        return answer

    def run_all(self, query: str, runs: Sequence[Tables]) -> list[list[Row]]:
        """The rows of each run. Raises QueryRefused."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"query": query, "runs": runs}) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline() or '{"refused": "the evaluator has ended"}')
        if "refused" in said:
            raise QueryRefused(said["refused"])
        answers: list[list[Row]] = said["answers"]
        return answers


@contextmanager
def opened_kusto() -> Iterator[Kusto]:
    """Skips where there is no node."""
    installed = subprocess.run([str(KQL), "--install"], capture_output=True, text=True, timeout=300)
    skip_where_it_could_not_begin(installed)
    assert installed.returncode == 0, installed.stderr
    command = ["node", str(EVALUATOR), str(SERVICE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        # To leave it closes its input, which ends it.
        yield Kusto(process)


def check_files(*files: Path) -> list[str]:
    """What `make check` would say of these, or of all queries; skips where there is no node."""
    said = subprocess.run([str(KQL), *map(str, files)], capture_output=True, text=True, timeout=300)
    skip_where_it_could_not_begin(said)
    assert said.returncode in (0, 1), said.stderr
    assert (said.returncode == 1) == (said.stdout != ""), said.stderr
    return said.stdout.splitlines()


def skip_where_it_could_not_begin(said: subprocess.CompletedProcess[str]) -> None:
    if said.returncode in (NO_NODE, NO_NETWORK):
        pytest.skip(said.stderr.strip().splitlines()[-1])
