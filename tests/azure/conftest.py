"""What the tests of what runs on Azure share."""

from collections.abc import Iterator

import pytest

from tests.azure.kusto import Kusto, opened_kusto


@pytest.fixture(scope="session")
def kusto() -> Iterator[Kusto]:
    with opened_kusto() as kusto:
        yield kusto
