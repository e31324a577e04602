"""Reads the Bicep files without the compiler, which cannot be had offline.

.tools/lint/bin/python infra/lint/bicep/check.py [FOLDER=infra/azure]

Two parsers, the version and properties of each resource, names, texts that are loaded, secrets. Exits with 1 and a line
for each fault.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from contents import check_secrets, check_texts
from known import EXCEPTIONS, KNOWN
from names import Files, check_modules, check_names
from pycep import BicepParser
from resources import Excused, check_resources
from syntax import BicepFile, Complaint, errors_in, read_file

FOLDER = Path(__file__).resolve().parents[3] / "infra" / "azure"


def check_file(file: BicepFile, files: Files, excused: Excused) -> Iterator[Complaint]:
    faults = list(errors_in(file))
    yield from faults
    if faults:
        return
    yield from check_names(file)
    yield from check_modules(file, files)
    yield from check_resources(file, excused)
    yield from check_texts(file)
    yield from check_secrets(file, files)


def check_with_pycep(file: BicepFile, parser: BicepParser) -> Iterator[Complaint]:
    """What it cannot read checkov does not see."""
    try:
        parser.parse(text=file.path.read_text(encoding="utf-8"))
    except Exception as error:
        yield Complaint(file.path, getattr(error, "line", 1), f"pycep cannot read it: {str(error).splitlines()[0]}")


def check_lists(excused: Excused) -> Iterator[Complaint]:
    own = Path(__file__).with_name("known.py")
    for resource, path in EXCEPTIONS.keys() - excused:
        yield Complaint(own, 1, f"the exception {resource} {path} is not needed any more")
    for name, each in KNOWN.items():
        if each.version > each.model_version:
            yield Complaint(own, 1, f"{name}@{each.version} is newer than its model, of {each.model_version}")


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]).resolve() if arguments else FOLDER
    files = {path: read_file(path) for path in sorted(folder.rglob("*.bicep"))}
    if not files:
        sys.stderr.write(f"error: there is no Bicep file in {folder}\n")
        return 1
    excused: Excused = set()
    parser = BicepParser()
    complaints = [each for file in files.values() for each in check_file(file, files, excused)]
    complaints += [each for file in files.values() for each in check_with_pycep(file, parser)]
    complaints += check_lists(excused)
    for each in sorted(set(complaints)):
        sys.stdout.write(f"{each}\n")
    if not complaints:
        sys.stdout.write(f"{len(files)} Bicep files, nothing to say\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
