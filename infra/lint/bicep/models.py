"""What a resource may say, from the models of Azure's own SDK: each property, its values, its numbers.

There are two kinds of models: older ones with an `_attribute_map` of dotted names, newer ones with annotated fields.
"""

import enum
import re
import sys
import types
import typing
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

LIMITS = re.compile(r":ivar (\w+):(.*?):vartype", re.DOTALL)
Fields = dict[str, "Field"]


@dataclass(frozen=True)
class Field:
    """A property. `is_open` is one whose names or types the SDK leaves to the caller."""

    model: type | None = None
    nested: tuple[tuple[str, "Field"], ...] = ()
    is_many: bool = False
    is_keyed: bool = False
    is_open: bool = False
    is_read_only: bool = False
    values: frozenset[str] = frozenset()
    lowest: float | None = None
    highest: float | None = None

    @property
    def is_object(self) -> bool:
        return self.model is not None or bool(self.nested)

    def fields(self, literals: dict[str, str]) -> Fields:
        return dict(self.nested) if self.nested else fields_of(self.model, literals) if self.model else {}


def fields_of(model: type, literals: dict[str, str]) -> Fields:
    """`literals` are the strings that were given: among them may be the one that says which kind of model it is."""
    if hasattr(model, "_attribute_map"):
        return merged(old_fields, kinds_of_old(model, literals))
    return merged(new_fields, kinds_of_new(model, literals))


def merged(read: typing.Callable[[type], Fields], models: list[type]) -> Fields:
    found: Fields = {}
    for model in models:
        found |= read(model)
    return found


def kinds_of_new(model: type, literals: dict[str, str]) -> list[type]:
    kinds = {str(name): kind for name, kind in getattr(model, "__mapping__", {}).items()}
    chosen = [kind for name, kind in kinds.items() if name in literals.values()]
    return [model, *(chosen or kinds.values())]


def kinds_of_old(model: type, literals: dict[str, str]) -> list[type]:
    models = vars(sys.modules[model.__module__])
    kinds = {
        name: models[kind] for found in getattr(model, "_subtype_map", {}).values() for name, kind in found.items()
    }
    chosen = [kind for name, kind in kinds.items() if name in literals.values()]
    return [model, *(chosen or kinds.values())]


@cache
def new_fields(model: type) -> Fields:
    # The first instance completes the class.
    model()
    package = sys.modules[model.__module__.rsplit(".", 1)[0]]
    hints = typing.get_type_hints(model, vars(sys.modules[model.__module__]), {"_models": package})
    limits = limits_of(model)
    found: Fields = {}
    for name, rest in model._attr_to_rest_field.items():  # type: ignore[attr-defined]
        lowest, highest = limits.get(name, (None, None))
        field = replace(from_hint(hints[name]), lowest=lowest, highest=highest)
        found[rest._rest_name] = replace(field, is_read_only=rest._visibility == ["read"])
    return found


def limits_of(model: type) -> dict[str, tuple[float | None, float | None]]:
    """They are in the words of the documentation only."""
    return {
        name: (number_after("Minimum value is", said), number_after("Maximum value is", said))
        for name, said in LIMITS.findall(" ".join((model.__doc__ or "").split()))
    }


def number_after(words: str, said: str) -> float | None:
    found = re.search(rf"{words} (-?\d+)", said)
    return float(found.group(1)) if found else None


def from_hint(hint: Any) -> Field:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return from_union([each for each in arguments if each is not type(None)])
    if origin is list:
        return replace(from_hint(arguments[0]), is_many=True)
    if origin is dict:
        return Field(is_keyed=True, nested=(("*", from_hint(arguments[1])),))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return Field(values=frozenset(str(each.value) for each in hint))
    if isinstance(hint, type) and hasattr(hint, "_is_model"):
        return Field(model=hint)
    return Field(is_open=hint is Any or hint is object)


def from_union(arguments: list[Any]) -> Field:
    fields = [from_hint(each) for each in arguments]
    return next((each for each in fields if each != Field()), Field())


@cache
def old_fields(model: type) -> Fields:
    """`properties.displayName` becomes a property within a property."""
    tree: dict[str, Any] = {}
    rules = getattr(model, "_validation", {})
    for name, entry in model._attribute_map.items():  # type: ignore[attr-defined]
        *above, last = (part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", entry["key"]))
        place = tree
        for part in above:
            place = place.setdefault(part, {})
        read_only = bool(rules.get(name, {}).get("readonly"))
        place[last] = replace(from_words(entry["type"], model), is_read_only=read_only)
    return {name: planted(each) for name, each in tree.items()}


def planted(branch: Any) -> Field:
    if isinstance(branch, Field):
        return branch
    return Field(nested=tuple((name, planted(each)) for name, each in branch.items()))


def from_words(said: str, model: type) -> Field:
    if said.startswith("["):
        return replace(from_words(said[1:-1], model), is_many=True)
    if said.startswith("{"):
        return Field(is_keyed=True, nested=(("*", from_words(said[1:-1], model)),))
    found = vars(sys.modules[model.__module__]).get(said)
    return Field(model=found, is_open=said == "object") if isinstance(found, type) else Field(is_open=said == "object")
