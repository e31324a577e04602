"""What the tests ask of infra/azure: the text of a file, what pycep makes of it, what a query becomes."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AZURE = ROOT / "infra" / "azure"
PYTHON = ROOT / ".tools" / "lint" / "bin" / "python"
CHECK = ROOT / "infra" / "lint" / "bicep" / "check.py"
# In the tools' own environment: pycep is in no other.
DUMP = """
import json, sys
from pathlib import Path
from pycep import BicepParser
parser = BicepParser()
folder = Path(sys.argv[1])
found = {str(each.relative_to(folder)): parser.parse(text=each.read_text()) for each in folder.rglob("*.bicep")}
json.dump(found, sys.stdout, default=str)
"""
Parsed = dict[str, dict[str, Any]]


def need_tools() -> None:
    if not PYTHON.exists():
        pytest.skip("the tools are not in .tools/lint: scripts/lint.sh --install")


def parse_all() -> Parsed:
    said = subprocess.run([str(PYTHON), "-c", DUMP, str(AZURE)], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    return dict(json.loads(said.stdout))


def text(name: str) -> str:
    return (AZURE / name).read_text(encoding="utf-8")


def check(folder: Path) -> tuple[int, list[str]]:
    said = subprocess.run([str(PYTHON), str(CHECK), str(folder)], capture_output=True, text=True, timeout=60)
    return said.returncode, (said.stdout + said.stderr).splitlines()


def copy_to(folder: Path) -> Path:
    copied = folder / "azure"
    shutil.copytree(AZURE, copied)
    return copied


def resources(parsed: Parsed, top: str) -> dict[str, set[str]]:
    """Type and version of each, with the files that have it, from one main file on and through its modules."""
    found: dict[str, set[str]] = {}
    for name in reached(parsed, top):
        for each in parsed[name].get("resources", {}).values():
            if not each["existing"]:
                found.setdefault(f"{each['type']}@{each['api_version']}", set()).add(name)
    return found


def reached(parsed: Parsed, top: str) -> set[str]:
    found, waiting = set(), [top]
    while waiting:
        name = waiting.pop()
        found.add(name)
        for each in parsed[name].get("modules", {}).values():
            path = (AZURE / name).parent / each["detail"]["path"]
            waiting += [str(path.resolve().relative_to(AZURE))] if path.exists() else []
    return found


def window_of(minutes: int) -> str:
    """The condition of alerts.bicep, worked out."""
    [line] = re.findall(r"^var window = (.+)$", text("modules/alerts.bicep"), re.MULTILINE)
    steps = re.findall(r"minutes <= (\d+) \? '(\w+)'", line)
    [otherwise] = re.findall(r": '(\w+)'\)*$", line)
    assert line.count("?") == len(steps)
    return next((window for most, window in steps if minutes <= int(most)), otherwise)


def query_of(variable: str, parameters: dict[str, int]) -> str:
    """The query of that variable of alerts.bicep, with everything replaced that it replaces."""
    [line] = re.findall(rf"^var {variable} = (.+)$", text("modules/alerts.bicep"), re.MULTILINE)
    [path] = re.findall(r"loadTextContent\('([^']+)'\)", line)
    query = (AZURE / "modules" / path).read_text(encoding="utf-8")
    for old, new in re.findall(r", '([^']+)', '([^']+)'\)", line):
        for name, value in parameters.items():
            new = new.replace(f"${{{name}}}", str(value))
        query = query.replace(old, new)
    return query


def strings_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [found for each in value.values() for found in strings_of(each)]
    if isinstance(value, list):
        return [found for each in value for found in strings_of(each)]
    return [value] if isinstance(value, str) else []
