"""A Bicep file as tree-sitter reads it, with what is declared in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

LANGUAGE = Language(tree_sitter_bicep.language())
DECLARATIONS = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}


@dataclass(frozen=True, order=True)
class Complaint:
    file: Path
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


@dataclass(frozen=True)
class Declaration:
    kind: str
    name: str
    node: Node
    decorators: tuple[str, ...] = ()

    @property
    def is_secure(self) -> bool:
        return "secure" in self.decorators

    @property
    def is_existing(self) -> bool:
        return any(each.type == "existing" for each in self.node.children)

    @property
    def value(self) -> Node | None:
        """What stands behind the sign of equality, if one does."""
        signs = [i for i, each in enumerate(self.node.children) if each.type == "="]
        return next((each for each in self.node.children[signs[0] + 1 :] if is_code(each)), None) if signs else None

    @property
    def what(self) -> str:
        """Of a resource its type and version, of a module its file."""
        return text_of(next(each for each in self.node.children if each.type == "string"))


@dataclass
class BicepFile:
    path: Path
    root: Node
    declared: list[Declaration] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Declaration]:
        return [each for each in self.declared if each.kind in kinds]

    def named(self, name: str, *kinds: str) -> Declaration | None:
        return next((each for each in self.of_kind(*kinds) if each.name == name), None)

    def complaint(self, node: Node, words: str) -> Complaint:
        return Complaint(self.path, node.start_point[0] + 1, words)


def read_file(path: Path) -> BicepFile:
    root = Parser(LANGUAGE).parse(path.read_bytes()).root_node
    return BicepFile(path, root, list(declarations(root)))


def declarations(root: Node) -> Iterator[Declaration]:
    decorators: tuple[str, ...] = ()
    for node in root.named_children:
        if node.type == "decorators":
            decorators = tuple(words(each) for each in walk(node) if each.type == "identifier" and is_called(each))
        elif node.type in DECLARATIONS:
            name = next(each for each in node.children if each.type == "identifier")
            yield Declaration(DECLARATIONS[node.type], words(name), node, decorators)
            decorators = ()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for each in node.children:
        yield from walk(each)


def words(node: Node) -> str:
    return (node.text or b"").decode()


def is_code(node: Node) -> bool:
    return node.is_named and node.type not in ("comment", "diagnostic_comment")


def code_in(node: Node) -> list[Node]:
    return [each for each in node.children if is_code(each)]


def is_literal(node: Node) -> bool:
    return node.type == "string" and not any(each.type == "interpolation" for each in node.children)


def text_of(node: Node) -> str:
    """Of a string without anything put into it."""
    return words(node)[1:-1].replace("\\'", "'")


def is_called(identifier: Node) -> bool:
    parent = identifier.parent
    return parent is not None and parent.type == "call_expression" and parent.children[0] == identifier


def call_of(node: Node) -> tuple[str, list[Node]]:
    """The function's name and its arguments; no name where this is no call of a plain function."""
    if node.type != "call_expression" or node.children[0].type != "identifier":
        return "", []
    arguments = [each for each in node.children if each.type == "arguments"]
    return words(node.children[0]), code_in(arguments[0]) if arguments else []


def properties_of(node: Node) -> Iterator[tuple[str | None, Node, Node]]:
    """Of an object: name, the name's place, value. No name where it is only known when it runs."""
    for each in node.children:
        if each.type == "object_property":
            key, value = code_in(each)[0], code_in(each)[-1]
            name = words(key) if key.type != "string" else text_of(key) if is_literal(key) else None
            yield name, key, value


def body_of(declaration: Declaration) -> Node | None:
    """The object of a resource or module, within its condition or loop."""
    node = declaration.value
    while node is not None and node.type in ("if_statement", "for_statement"):
        node = code_in(node)[-1]
    return node if node is not None and node.type == "object" else None


def params_of(module: Node) -> Iterator[tuple[str | None, Node, Node]]:
    for name, _, value in properties_of(module):
        if name == "params":
            yield from properties_of(value)


def errors_in(file: BicepFile) -> Iterator[Complaint]:
    for node in walk(file.root):
        if node.type == "ERROR" or node.is_missing:
            yield file.complaint(node, f"is no Bicep: {words(node)[:60]!r}")
