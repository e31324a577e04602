"""Times as the pages write them where people in several places have to mean the same moment: in UTC, and said so."""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"
