"""Each resource's version and properties, held against what is known of its type."""

from collections.abc import Iterator
from dataclasses import replace

from known import EXCEPTIONS, KNOWN, OF_BICEP, version_of
from syntax import (
    BicepFile,
    Complaint,
    Declaration,
    Node,
    body_of,
    call_of,
    code_in,
    is_literal,
    properties_of,
    text_of,
    words,
)

from models import Field

JOINED = ("concat", "union")
Excused = set[tuple[str, str]]


def check_resources(file: BicepFile, excused: Excused) -> Iterator[Complaint]:
    """What was excused is added to `excused`."""
    for declaration in file.of_kind("resource"):
        resource, _, version = declaration.what.partition("@")
        yield from check_version(file, declaration, resource, version)
        body = body_of(declaration)
        if body is None:
            yield file.complaint(declaration.node, f"{declaration.name} has no object of its own")
        elif not declaration.is_existing and resource in KNOWN:
            top = KNOWN[resource].load()
            yield from check_object(file, body, top, "", resource, excused)


def check_version(file: BicepFile, declaration: Declaration, resource: str, version: str) -> Iterator[Complaint]:
    expected = version_of(resource)
    if expected is None:
        yield file.complaint(declaration.node, f"{resource} is not among the known types (infra/lint/bicep/known.py)")
    elif "preview" in version:
        yield file.complaint(declaration.node, f"{resource}@{version} is a preview; use {expected}")
    elif version != expected:
        yield file.complaint(declaration.node, f"{resource}@{version}: the version that was looked at is {expected}")


def check_object(
    file: BicepFile, node: Node, field: Field, above: str, resource: str, excused: Excused
) -> Iterator[Complaint]:
    given = list(properties_of(node))
    literals = {name: text_of(value) for name, _, value in given if name and is_literal(value)}
    fields = field.fields(literals)
    for name, key, value in given:
        if not above and name in OF_BICEP:
            continue
        path = f"{above}.{name}".removeprefix(".")
        if (resource, path) in EXCEPTIONS:
            excused.add((resource, path))
        elif name not in fields:
            yield file.complaint(key, f"{resource} has no property {path or '(computed)'}{meant(name, fields)}")
        elif fields[name].is_read_only:
            yield file.complaint(key, f"{resource}: {path} can only be read")
        else:
            yield from check_value(file, value, fields[name], path, resource, excused)


def meant(name: str | None, fields: dict[str, Field]) -> str:
    same = [each for each in fields if name and each.lower() == name.lower()]
    return f"; it is written {same[0]}" if same else ""


def check_value(
    file: BicepFile, node: Node, field: Field, path: str, resource: str, excused: Excused
) -> Iterator[Complaint]:
    for each in alternatives(file, node):
        if each.type in ("array", "for_statement") and not field.is_open:
            yield from check_elements(file, each, field, path, resource, excused)
        elif each.type == "object":
            yield from check_object_at(file, each, field, path, resource, excused)
        elif is_literal(each) and field.values and text_of(each) not in field.values:
            yield file.complaint(each, f"{resource}: {path} is one of {', '.join(sorted(field.values))}")
        elif each.type == "number" and not within(float(words(each)), field):
            yield file.complaint(each, f"{resource}: {path} lies between {field.lowest:g} and {field.highest:g}")


def within(number: float, field: Field) -> bool:
    return (field.lowest is None or number >= field.lowest) and (field.highest is None or number <= field.highest)


def check_object_at(
    file: BicepFile, node: Node, field: Field, path: str, resource: str, excused: Excused
) -> Iterator[Complaint]:
    if field.is_open:
        return
    if field.is_many or not (field.is_object or field.is_keyed):
        yield file.complaint(node, f"{resource}: {path} is no object")
    elif field.is_keyed:
        for name, _, value in properties_of(node):
            yield from check_value(file, value, field.nested[0][1], f"{path}.{name}", resource, excused)
    else:
        yield from check_object(file, node, field, path, resource, excused)


def check_elements(
    file: BicepFile, node: Node, field: Field, path: str, resource: str, excused: Excused
) -> Iterator[Complaint]:
    if not field.is_many:
        yield file.complaint(node, f"{resource}: {path} is no array")
        return
    elements = code_in(node) if node.type == "array" else code_in(node)[-1:]
    for each in elements:
        yield from check_value(file, each, replace(field, is_many=False), path, resource, excused)


def alternatives(file: BicepFile, node: Node) -> Iterator[Node]:
    """What a value may be: both sides of a condition, all that is joined, and what a variable holds."""
    name, arguments = call_of(node)
    if node.type == "parenthesized_expression":
        parts = code_in(node)
    elif node.type == "ternary_expression":
        parts = code_in(node)[1:]
    elif name in JOINED:
        parts = arguments
    elif node.type == "identifier" and (variable := file.named(words(node), "var")) and variable.value:
        parts = [variable.value]
    else:
        yield node
        return
    for part in parts:
        yield from alternatives(file, part)
