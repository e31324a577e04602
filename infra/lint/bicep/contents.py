"""Texts from files and secrets: what is replaced in a text is there, and nothing secret gets out."""

from collections.abc import Iterator

from names import Files
from syntax import (
    BicepFile,
    Complaint,
    Declaration,
    Node,
    body_of,
    call_of,
    code_in,
    is_literal,
    params_of,
    text_of,
    walk,
    words,
)

# They say something of a secret, and not the secret.
HARMLESS = ("contains", "empty")


def check_texts(file: BicepFile) -> Iterator[Complaint]:
    for node in walk(file.root):
        name, arguments = call_of(node)
        if name == "loadTextContent" and loaded(file, node) is None:
            yield file.complaint(node, f"there is no file {words(arguments[0]) if arguments else ''}")
        if name == "replace" and (text := loaded(file, arguments[0])) is not None and is_literal(arguments[1]):
            times = text.count(text_of(arguments[1]))
            if times != 1:
                yield file.complaint(node, f"{words(arguments[1])} is {times} times in the file that it is replaced in")


def loaded(file: BicepFile, node: Node) -> str | None:
    """The text of the file that is loaded here, or beneath replacements."""
    name, arguments = call_of(node)
    if name == "replace":
        return loaded(file, arguments[0])
    if name != "loadTextContent" or not arguments or not is_literal(arguments[0]):
        return None
    path = file.path.parent / text_of(arguments[0])
    return path.read_text(encoding="utf-8") if path.is_file() else None


def check_secrets(file: BicepFile, files: Files) -> Iterator[Complaint]:
    for each in file.of_kind("param"):
        default = words(each.value) if each.value else "''"
        if each.is_secure and default not in ("''", "{}"):
            yield file.complaint(each.node, f"param {each.name} is secure, and has a default that everybody can read")
    for each in file.of_kind("output"):
        if each.value and (secret := secret_in(file, each.value)):
            yield file.complaint(each.node, f"output {each.name} gives away {secret}")
    for each in file.of_kind("module"):
        yield from check_handed_over(file, each, files)


def check_handed_over(file: BicepFile, declaration: Declaration, files: Files) -> Iterator[Complaint]:
    module = files.get((file.path.parent / declaration.what).resolve())
    body = body_of(declaration)
    if module is None or body is None:
        return
    for name, key, value in params_of(body):
        taker = module.named(name or "", "param")
        if taker and not taker.is_secure and (secret := secret_in(file, value)):
            yield file.complaint(key, f"{secret} is secure, and {name} of {declaration.what} is not")


def secret_in(file: BicepFile, node: Node) -> str | None:
    """The first secure parameter whose value is in this one's."""
    if call_of(node)[0] in HARMLESS:
        return None
    if node.type == "identifier":
        return secret_behind(file, words(node))
    # Which of two values it is says little of what was asked.
    parts = code_in(node)[1:] if node.type == "ternary_expression" else code_in(node)
    return next((found for part in parts if (found := secret_in(file, part))), None)


def secret_behind(file: BicepFile, name: str) -> str | None:
    param, variable = file.named(name, "param"), file.named(name, "var")
    if param and param.is_secure:
        return name
    return secret_in(file, variable.value) if variable and variable.value else None
