"""Imports all that a service imports, at the top of its files and inside its functions, and says what is not there,
and what is there only because something else brings it.

Run by `scripts/isolation.sh`, with a Python that has that service and nothing else:

    .tools/isolation/trainer/bin/python -I scripts/isolation.py services/trainer [EXTRA…]
"""

import ast
import importlib
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

# Extras whose packages bring modules of another name.
MODULES = {"tensorflow-cpu": ("tensorflow", "keras"), "xgboost-cpu": ("xgboost",)}
# What is a part of another package in all but its name: asking for that one is asking for this one.
PARTS = {
    "anyio": "fastapi",
    "keras": "tensorflow-cpu",
    "numpy": "pandas",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
}
# What is installed beside the lock counts as an extra of this name.
BERT = "bert"


@dataclass(frozen=True)
class Import:
    """One name that a statement asks for; `name` is what comes `from` the module."""

    file: Path
    line: int
    module: str
    name: str | None

    def __str__(self) -> str:
        said = f"from {self.module} import {self.name}" if self.name else f"import {self.module}"
        return f"{self.file}:{self.line}: {said}"


def main(service: Path, extras: list[str]) -> int:
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))
    optional = optional_modules(service, project, extras)
    files = sorted(service.rglob("*.py"))
    left_out: Counter[str] = Counter()
    missing = [f"{command}: {module}: {said}" for command, module in commands(project) if (said := failure(module))]
    asked = [each for file in files for each in (*itself(file, service / "src"), *imports_of(file))]
    missing += undeclared(service.name, project, asked)
    for each in asked:
        said = failure(each.module, each.name)
        if said is None:
            continue
        if extra := optional.get(missing_root(said)):
            left_out[extra] += 1
        else:
            missing.append(f"{each}: {said}")
    report(service.name, len(files), len(asked), left_out, missing)
    return 1 if missing else 0


def optional_modules(service: Path, project: dict[str, Any], extras: list[str]) -> dict[str, str]:
    """Of each module that may be missing, the extra that brings it."""
    found = {
        module: extra
        for extra, requirements in project["project"].get("optional-dependencies", {}).items()
        if extra not in extras
        for module in modules_of(requirements)
    }
    beside = service / "requirements-bert.txt"
    listed = beside.read_text(encoding="utf-8").splitlines() if beside.exists() else []
    return found | dict.fromkeys(modules_of([line for line in listed if not line.startswith("#")]), BERT)


def modules_of(requirements: list[str]) -> Iterator[str]:
    for name in map(plain, requirements):
        yield from MODULES.get(name, (name.replace("-", "_"),))


def undeclared(service: str, project: dict[str, Any], asked: list[Import]) -> Iterator[str]:
    """What is installed without having been asked for: it goes when what brings it does without it."""
    wanted = [
        *project["project"]["dependencies"],
        *sum(project["project"].get("optional-dependencies", {}).values(), []),
    ]
    declared = {plain(each) for each in wanted}
    installed = packages_distributions()
    for each in asked:
        root = each.module.partition(".")[0]
        if root == service or root in sys.stdlib_module_names or root not in installed:
            continue
        if not declared & {plain(PARTS.get(root, "")), *map(plain, installed[root])}:
            yield f"{each}: {root} is here only because another package brings it"


def plain(requirement: str) -> str:
    """`Azure_Core[aio]>=1` is `azure-core`."""
    found = re.match(r"[\w.-]*", requirement)
    return re.sub(r"[-_.]+", "-", found[0] if found else "").lower()


def commands(project: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What people type has to start without any extra."""
    for command, target in project["project"].get("scripts", {}).items():
        yield command, target.partition(":")[0]


def itself(file: Path, source: Path) -> Iterator[Import]:
    """A module of the package. Other files (migrations, gunicorn's settings) act when they are read: only what they
    import is imported."""
    if file.is_relative_to(source):
        parts = file.relative_to(source).with_suffix("").parts
        yield Import(file, 1, ".".join(parts[:-1] if parts[-1] == "__init__" else parts), None)


def imports_of(file: Path) -> Iterator[Import]:
    for node in statements(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, each.name, None) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (Import(file, node.lineno, node.module, each.name) for each in node.names)


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every one that may run: what is there for type checkers only is passed over."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from statements(child)


def failure(module: str, name: str | None = None) -> str | None:
    """Why it cannot be imported, or None where it can."""
    try:
        found = importlib.import_module(module)
        if name is not None and not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def missing_root(said: str) -> str:
    found = re.match(r"ModuleNotFoundError: No module named '([^'.]+)", said)
    return found[1] if found else ""


def report(service: str, files: int, asked: int, left_out: Counter[str], missing: list[str]) -> None:
    """One line where all is well; else each import that failed."""
    without = ", ".join(f"{extra} ({count})" for extra, count in sorted(left_out.items()))
    rest = f"; for extras that are not installed: {without}" if without else ""
    out = sys.stderr if missing else sys.stdout
    out.write(f"{service} alone: {files} files, {asked:,} imports, {len(missing)} failed{rest}\n")
    out.writelines(f"  {line}\n" for line in missing)
    if missing:
        out.write(f"error: what {service} imports has to be in services/{service}/pyproject.toml; then: uv lock\n")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:]))
