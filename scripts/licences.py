"""What the images carry, and under which licences: docs/licences.md, from uv.lock and the packages' own metadata.

    .venv/bin/python scripts/licences.py            # write it
    .venv/bin/python scripts/licences.py --check    # is it fresh, and does the policy allow all of it?

The packages are those of the images (Python 3.11 on Linux, x86-64), wherever this runs. What is not installed on this
machine in that version is taken from the document as it stands.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
POLICY = ROOT / "infra" / "lint" / "licences.toml"
DOCUMENT = ROOT / "docs" / "licences.md"
# What the table calls them, with the service and what uv calls it.
EXTRAS = "trainer's extras"
IMAGES = {
    "inference": ("inference", "inference"),
    "ui": ("ui", "ui"),
    "mlflow": ("mlflow", "mlflow-server"),
    "trainer": ("trainer", "trainer"),
    EXTRAS: ("trainer", "trainer", "--all-extras"),
}
IMAGE_ENVIRONMENT = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "linux",
}
ROW = re.compile(r"^\| (?P<name>[\w.-]+) \| (?P<version>\S+) \| (?P<licence>[^|]+) \|", re.MULTILINE)
HEAD = """# Licences of what the images carry

Written by `make licences` from `uv.lock` and the packages' own metadata; `make check` holds it fresh. What is allowed,
and why: [infra/lint/licences.toml](../infra/lint/licences.toml). The data sets and the models have terms of their own:
[data/README.md](../data/README.md). Not in here: the base images (Debian, Python, nginx, Postgres), which carry their
licences under `/usr/share/doc`; libraries that a wheel brings inside itself, which its licence files name; and what
`make bert` installs beside the lock, in no image: torch (BSD-3-Clause), transformers (Apache-2.0) and what they need.
"""


@dataclass(frozen=True)
class Package:
    name: str
    version: str


@dataclass(frozen=True)
class Exempt:
    licence: str
    reason: str


@dataclass(frozen=True)
class Policy:
    allowed: frozenset[str]
    exceptions: dict[str, Exempt]
    read: dict[str, str]
    spellings: dict[str, str]

    def refuses(self, name: str, licence: str) -> str | None:
        """Why, or nothing."""
        if re.search(r"\bA?GPL\b", licence):
            return f"{name}: {licence} is refused"
        exempt = self.exceptions.get(name)
        if exempt is not None:
            return None if exempt.licence == licence else f"{name}: now {licence}, was looked at as {exempt.licence}"
        if not licence:
            return f"{name}: its metadata does not say; read its licence file, and write it into {POLICY.name}"
        if any(all(part in self.allowed for part in choice.split(" AND ")) for choice in licence.split(" OR ")):
            return None
        return f"{name}: {licence} is neither allowed nor an exception in {POLICY.name}"


def main() -> int:
    policy = read_policy()
    images = {image: packages_of(*names) for image, names in IMAGES.items()}
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    licences = find_licences({package for packages in images.values() for package in packages}, before, policy)
    problems = [*complaints(licences, policy)]
    content = document(images, licences, policy)
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(content, encoding="utf-8")
    elif content != before:
        problems.append(f"{DOCUMENT.name} is stale: make licences")
    for problem in problems:
        sys.stderr.write(f"error: {problem}\n")
    return 1 if problems else 0


def read_policy() -> Policy:
    content = tomllib.loads(POLICY.read_text(encoding="utf-8"))
    exceptions = {name: Exempt(**entry) for name, entry in content["exceptions"].items()}
    return Policy(frozenset(content["allowed"]), exceptions, content["read"], content["spellings"])


def packages_of(service: str, name: str, *options: str) -> set[Package]:
    dockerfile = (ROOT / "services" / service / "Dockerfile").read_text(encoding="utf-8")
    command = [str(ROOT / ".tools" / "uv"), "export", "--quiet", "--frozen", "--no-dev", "--no-emit-workspace"]
    command += ["--no-hashes", "--no-annotate", "--no-header", "--package", name, *options]
    for left_out in re.findall(r"--no-install-package[ =](\S+)", dockerfile):
        command += ["--no-emit-package", left_out]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    wanted = [Requirement(line) for line in lines if line.strip()]
    return {
        Package(each.name, str(each.specifier).removeprefix("=="))
        for each in wanted
        if each.marker is None or each.marker.evaluate(IMAGE_ENVIRONMENT)
    }


def find_licences(packages: set[Package], before: str, policy: Policy) -> dict[Package, str]:
    known = {Package(row["name"], row["version"]): row["licence"].strip() for row in ROW.finditer(before)}
    found = {}
    for package in packages:
        installed = installed_as(package)
        if package.name in policy.read:
            found[package] = policy.read[package.name]
        elif installed is not None:
            found[package] = licence_of(installed, policy)
        else:
            found[package] = known.get(package, "")
    return found


def installed_as(package: Package) -> Distribution | None:
    try:
        installed = distribution(package.name)
    except PackageNotFoundError:
        return None
    return installed if installed.version == package.version else None


def licence_of(installed: Distribution, policy: Policy) -> str:
    """What its author says, the most exact first; nothing where the author is silent or recites the whole text."""
    metadata = installed.metadata
    stated: str
    for stated in metadata.get_all("License-Expression") or []:
        return stated
    short: str = (metadata.get_all("License") or [""])[0].strip()
    if short in policy.allowed or re.fullmatch(r"(AND|OR|WITH|[A-Z][\w.]*(-[\w.]+)+|MIT|ISC| )+", short):
        return short
    classifiers = [
        each.split(" :: ")[-1] for each in metadata.get_all("Classifier") or [] if each.startswith("License")
    ]
    spelled = [policy.spellings[each] for each in (short, *classifiers) if each in policy.spellings]
    return spelled[0] if spelled else ""


def complaints(licences: dict[Package, str], policy: Policy) -> Iterator[str]:
    for package, licence in sorted(licences.items(), key=lambda item: item[0].name):
        reason = policy.refuses(package.name, licence)
        if reason:
            yield reason
    for name in sorted({*policy.exceptions, *policy.read} - {package.name for package in licences}):
        yield f"{name} is in {POLICY.name}, and in no image any more"


def document(images: dict[str, set[Package]], licences: dict[Package, str], policy: Policy) -> str:
    rows = [
        f"| {package.name} | {package.version} | {licence} | {', '.join(where(package, images))} |"
        for package, licence in sorted(licences.items(), key=lambda item: (item[0].name, item[0].version))
    ]
    exceptions = [
        f"| {name} | {exempt.licence} | {exempt.reason} |" for name, exempt in sorted(policy.exceptions.items())
    ]
    return "\n".join(
        [
            HEAD,
            "## Not simply permissive\n",
            "| package | licence | why it is accepted |\n|---|---|---|",
            *exceptions,
            f"\n## All {len(licences)}\n",
            "| package | version | licence | in the image of |\n|---|---|---|---|",
            *rows,
            "",
        ]
    )


def where(package: Package, images: dict[str, set[Package]]) -> list[str]:
    names = [image for image, packages in images.items() if package in packages]
    return [name for name in names if not (name == EXTRAS and "trainer" in names)]


if __name__ == "__main__":
    sys.exit(main())
