"""Something that is asked of the API once it is wanted: what came, or why nothing did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ui.api.errors import ApiError

Thing = TypeVar("Thing")


@dataclass(eq=False)
class Asked(Generic[Thing]):
    answer: Thing | None = None
    failure: ApiError | None = None

    def ask(self, question: Callable[[], Thing]) -> None:
        """What has been answered is not asked again."""
        if self.answer is not None:
            return
        self.failure = None
        try:
            self.answer = question()
        except ApiError as error:
            self.failure = error
