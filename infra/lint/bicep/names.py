"""Names: each is declared, each that is declared is used, modules get what they ask for, functions are Bicep's."""

from collections.abc import Iterator
from pathlib import Path

from syntax import BicepFile, Complaint, Node, body_of, is_called, params_of, walk, words

# Those that are in use here; another one is added when it is needed, after a look at its spelling.
FUNCTIONS = frozenset(
    {
        "concat",
        "contains",
        "empty",
        "environment",
        "guid",
        "items",
        "json",
        "loadTextContent",
        "replace",
        "resourceGroup",
        "split",
        "string",
        "subscriptionResourceId",
        "tenant",
        "union",
        "uniqueString",
    }
)
Files = dict[Path, BicepFile]


def check_names(file: BicepFile) -> Iterator[Complaint]:
    known = {each.name for each in file.of_kind("param", "var", "resource", "module")}
    used: set[str] = set()
    for node in walk(file.root):
        if node.type != "identifier" or not is_reference(node):
            continue
        name = words(node)
        if is_called(node):
            if name not in FUNCTIONS and not is_in_decorator(node):
                yield file.complaint(node, f"{name}() is not in the list of functions (infra/lint/bicep/names.py)")
            continue
        used.add(name)
        if name not in known and name not in loop_names(node):
            yield file.complaint(node, f"{name} is not declared")
    yield from unused(file, used)


def unused(file: BicepFile, used: set[str]) -> Iterator[Complaint]:
    for each in file.of_kind("param", "var"):
        if each.name not in used:
            yield file.complaint(each.node, f"{each.kind} {each.name} is not used")


def is_reference(node: Node) -> bool:
    """Neither a name that is just declared nor the key of a property."""
    parent = node.parent
    if parent is None or parent.type.endswith("_declaration") and parent.children[1] == node:
        return False
    if parent.type == "for_statement":
        return node != loop_name(parent)
    return not (parent.type == "object_property" and parent.children[0] == node)


def is_in_decorator(node: Node) -> bool:
    return node.parent is not None and node.parent.parent is not None and node.parent.parent.type == "decorator"


def loop_name(loop: Node) -> Node | None:
    """Of `for x in ...`; of `for (x, i) in ...` the names are no identifiers."""
    if any(each.type == "for_loop_parameters" for each in loop.children):
        return None
    return next((each for each in loop.children if each.type == "identifier"), None)


def loop_names(node: Node) -> set[str]:
    """Those of all loops around it."""
    found: set[str] = set()
    above = node.parent
    while above is not None:
        if above.type == "for_statement":
            found |= {words(each) for each in walk(above) if each.type in ("loop_variable", "loop_enumerator")}
            found |= {words(name)} if (name := loop_name(above)) else set()
        above = above.parent
    return found


def check_modules(file: BicepFile, files: Files) -> Iterator[Complaint]:
    for declaration in file.of_kind("module"):
        module = files.get((file.path.parent / declaration.what).resolve())
        body = body_of(declaration)
        if module is None or body is None:
            yield file.complaint(declaration.node, f"there is no module {declaration.what}")
            continue
        given = {name: key for name, key, _ in params_of(body)}
        params = {each.name: each for each in module.of_kind("param")}
        for name in given.keys() - params.keys():
            yield file.complaint(given[name], f"{declaration.what} has no parameter {name}")
        for name in params.keys() - given.keys():
            if params[name].value is None:
                yield file.complaint(declaration.node, f"{declaration.what} needs the parameter {name}")
        yield from check_outputs(file, declaration.name, module)


def check_outputs(file: BicepFile, module: str, called: BicepFile) -> Iterator[Complaint]:
    outputs = {each.name for each in called.of_kind("output")}
    for node in walk(file.root):
        if node.type != "member_expression" or not words(node).startswith(f"{module}.outputs."):
            continue
        name = words(node).split(".")[2]
        if name not in outputs:
            yield file.complaint(node, f"{called.path.name} has no output {name}")
