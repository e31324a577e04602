"""The keys under which the API stores a verdict once, however often it is sent."""

from uuid import uuid4


def new_key() -> str:
    return uuid4().hex
