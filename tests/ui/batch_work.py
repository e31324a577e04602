"""Work on a few rows, before whatever API the test wants, in the words of the tests."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from ui.api.client import Client
from ui.batch.job import Job
from ui.batch.sheet import Table
from ui.batch.texts import Texts, build_texts
from ui.settings import Settings

SECONDS = 60.0
# Twice as many as are sent together, and some.
MANY = 700


def table_of(texts: Sequence[str | None], torn: Sequence[int] = ()) -> Table:
    is_torn = np.zeros(len(texts), np.bool_)
    is_torn[list(torn)] = True
    return Table(pa.table({"text": pa.array(texts, pa.string())}), is_torn, ",")


def texts_of(texts: Sequence[str | None], torn: Sequence[int] = ()) -> Texts:
    return build_texts(table_of(texts, torn), "text")


def job_for(url: str, texts: Sequence[str | None], *, patience_seconds: float = 60.0, text_limit: int = 1000) -> Job:
    client = Client(Settings(api_url=url, read_timeout_seconds=30))
    return Job(client, texts_of(texts), text_limit, patience_seconds=patience_seconds)


def run(job: Job) -> Job:
    job.start()
    assert job.wait(SECONDS), "the work did not end"
    return job


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.005)


def labels_of(job: Job) -> list[str]:
    return [job.answers.labels[number] if number >= 0 else "" for number in job.answers.label_numbers]


def late_and_lovely(count: int) -> list[str]:
    return [("late" if number % 3 else "lovely") + f" flight {number}" for number in range(count)]
