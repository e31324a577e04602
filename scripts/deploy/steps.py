"""One thing that gets another image, and can get its old one back."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .errors import NotTaken
from .images import is_by_digest

# Once, where what answers is still the other image: it may have to be started by hand.
Nudge = Callable[[], None]


@dataclass(frozen=True)
class Gate(ABC):
    """What must hold before the next step is taken, and after the old image is back."""

    url: str

    @property
    @abstractmethod
    def tells_apart(self) -> bool:
        """Whether an answer says which image it comes from."""

    @abstractmethod
    def describe(self) -> str: ...

    @abstractmethod
    def check(self, nudge: Nudge | None = None) -> None: ...

    @abstractmethod
    def check_restored(self, nudge: Nudge | None = None) -> None: ...


@dataclass
class Step(ABC):
    name: str  # "site air-paradis-api"
    before: str  # the image that it has now; what no digest names cannot be gone back to
    image: str
    is_touched: bool = field(default=False, init=False)

    @contextmanager
    def touching(self) -> Iterator[None]:
        """Around the call that changes the image: but for a clear no, nobody knows whether it has."""
        before, self.is_touched = self.is_touched, True
        try:
            yield
        except NotTaken:
            self.is_touched = before
            raise

    @property
    def is_needed(self) -> bool:
        return self.before != self.image

    @property
    def can_go_back(self) -> bool:
        return is_by_digest(self.before)

    @abstractmethod
    def describe(self) -> list[str]:
        """The calls that it takes, in order, for a plan."""

    @abstractmethod
    def apply(self) -> None: ...

    @abstractmethod
    def check(self) -> None: ...

    @abstractmethod
    def restore(self) -> None: ...

    @abstractmethod
    def check_restored(self) -> None: ...

    @abstractmethod
    def by_hand(self) -> str:
        """The command of the Azure CLI that puts the old image back."""
