"""The lines that the service logs, also where it has been started in this process: its loggers hand nothing on then."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    logger = logging.getLogger("inference")
    logger.addHandler(caplog.handler)
    handed_on, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(caplog.handler)
        logger.propagate = handed_on
