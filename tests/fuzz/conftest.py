"""A running service of its own for the fuzzing, which fills its database."""

from collections.abc import Iterator

import pytest
from front_door import FrontDoor, opened_front_door


@pytest.fixture(scope="session")
def front_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    with opened_front_door(tmp_path_factory.mktemp("fuzz")) as front_door:
        yield front_door
