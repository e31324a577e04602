"""What a route says of itself: `dependencies=needs("predict")`; its description is made from the same words."""

from collections.abc import Sequence

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from inference.access.access import Access
from inference.access.scopes import Scope


class Guard:
    def __init__(self, scopes: Sequence[Scope]) -> None:
        self.scopes = tuple(scopes)

    async def __call__(self, request: Request) -> None:
        access: Access = request.app.state.access
        access.check(request.scope, self.scopes)


def needs(*scopes: Scope) -> list[Dependency]:
    """One of them is enough."""
    return [Depends(Guard(scopes))]
