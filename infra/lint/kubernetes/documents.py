"""The documents of a YAML file, each with its line; a key that stands twice is refused, as Kubernetes does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class NotReadable(Exception):
    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True)
class Document:
    path: Path
    line: int
    content: dict[str, Any]

    @property
    def name(self) -> str:
        metadata = self.content.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        return " ".join(str(each) for each in (self.content.get("kind"), name) if each) or "a document"


class Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise NotReadable(key.start_mark.line + 1, f"{key.value} stands here a second time")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_documents(path: Path) -> list[Document]:
    try:
        loader = Loader(path.read_text(encoding="utf-8"))
        found = []
        while loader.check_node() and (node := loader.get_node()):
            content = loader.construct_document(node)
            if not isinstance(content, dict):
                raise NotReadable(node.start_mark.line + 1, "is no manifest")
            found.append(Document(path, node.start_mark.line + 1, content))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NotReadable(line, f"is no YAML: {error.problem}") from None
    if not found:
        raise NotReadable(1, "has no document")
    return found
