"""What can go wrong between the pages and the API.

ApiError
├── ApiUnavailable   no answer, or one that says "later": asking again can help
├── ApiRefused       the request itself was turned down, with reasons
│   └── ApiClosed    not for what it says: the pages' key is missing, unknown, or not meant for it
├── ApiMisunderstood an answer that is not in the contract
└── NotAllowed       the person has not the role for it; the API was not asked
"""

from dataclasses import dataclass

from ui.people.person import Role


class ApiError(Exception):
    """The API gave no usable answer."""


@dataclass(eq=False)
class ApiUnavailable(ApiError):
    status: int | None = None
    retry_after_seconds: int | None = None
    detail: str = ""


@dataclass(eq=False)
class ApiRefused(ApiError):
    status: int
    detail: str = ""
    reasons: tuple[str, ...] = ()


class ApiClosed(ApiRefused):
    """Once whoever runs the pages has mended that, the same request may pass."""


@dataclass(eq=False)
class ApiMisunderstood(ApiError):
    status: int


@dataclass(eq=False)
class NotAllowed(ApiError):
    role: Role
