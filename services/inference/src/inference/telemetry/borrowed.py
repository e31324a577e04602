"""A library's function in which some names of its module mean something else, for one caller alone."""

import logging
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import cast


def borrow(function: Callable[..., object], names: Mapping[str, object]) -> FunctionType:
    """To replace the names in the module itself would change it for everybody in the process."""
    original = cast(FunctionType, function)
    known = original.__globals__ | dict(names)
    return FunctionType(original.__code__, known, original.__name__, original.__defaults__, original.__closure__)


def silent_logger() -> logging.Logger:
    """For libraries that would log the telemetry itself, and a line at every try while the endpoint is away."""
    return logging.Logger("nobody", level=logging.CRITICAL + 1)
