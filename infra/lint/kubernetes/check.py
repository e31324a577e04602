"""Reads the manifests for Kubernetes without a cluster: each document against its schema, where no field is unknown.

.tools/lint/bin/python infra/lint/kubernetes/check.py [FOLDER…]; else infra/kubernetes and infra/edge

For the newest version of Kubernetes that the package knows, and the oldest that is still mended. What is no part of
Kubernetes has a schema of ours, own.yaml. Exits with 1 and a line for each fault.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from documents import Document, NotReadable, read_documents
from jsonschema import Draft202012Validator
from kubernetes_validate import SchemaNotFoundError, ValidationError, latest_version, validate
from rayjob import pods_of

INFRA = Path(__file__).resolve().parents[2]
FOLDERS = (INFRA / "kubernetes", INFRA / "edge")
# Mended until 2027-02-28.
OLDEST = "1.35"
NEWEST = latest_version().removesuffix(".0")
Schemas = dict[str, dict[str, Any]]


def check_file(path: Path, own: Schemas) -> Iterator[str]:
    try:
        documents = read_documents(path)
    except NotReadable as error:
        yield f"{path}:{error.line}: {error}"
        return
    for each in documents:
        for fault in check_document(each, own):
            yield f"{path}:{each.line}: {each.name}: {fault}"


def check_document(document: Document, own: Schemas) -> Iterator[str]:
    content = document.content
    # What helm reads has no kind.
    if document.path.name in own:
        yield from against_own(content, own[document.path.name])
    elif not isinstance(content.get("kind"), str) or not isinstance(content.get("apiVersion"), str):
        yield "has no kind, or no apiVersion"
    elif f"{content['apiVersion']} {content['kind']}" in own:
        yield from against_own(content, own[f"{content['apiVersion']} {content['kind']}"])
    else:
        yield from against_kubernetes(content)
    if content.get("kind") == "RayJob":
        for place, pod in pods_of(content):
            yield from (f"{place}: {fault}" for fault in against_kubernetes(pod))


def against_own(content: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for error in Draft202012Validator(schema).iter_errors(content):
        yield f"{path_of(error.absolute_path)}: {error.message}"


def against_kubernetes(content: dict[str, Any]) -> Iterator[str]:
    """The first fault; named once where both versions say the same."""
    said: dict[str, list[str]] = {}
    for version in (OLDEST, NEWEST):
        try:
            validate(content, version, strict=True)
        except ValidationError as error:
            said.setdefault(f"{path_of(error.absolute_path)}: {error.message}", []).append(version)
        except SchemaNotFoundError:
            unknown = f"there is no kind {content['kind']} of {content['apiVersion']}"
            said.setdefault(unknown, []).append(version)
    for fault, versions in said.items():
        yield f"{fault} (Kubernetes {', '.join(versions)})"


def path_of(parts: Iterable[str | int]) -> str:
    return ".".join(str(each) for each in parts) or "at its top"


def main(arguments: list[str]) -> int:
    folders = [Path(each).resolve() for each in arguments] or FOLDERS
    own = yaml.safe_load(Path(__file__).with_name("own.yaml").read_text(encoding="utf-8"))
    paths = []
    for folder in folders:
        found = sorted(folder.rglob("*.yaml"))
        if not found:
            sys.stderr.write(f"error: there is no manifest in {folder}\n")
            return 1
        paths += found
    faults = [fault for path in paths for fault in check_file(path, own)]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    if not faults:
        sys.stdout.write(f"{len(paths)} manifests, nothing to say\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
