"""What goes wrong while people reject, and when: each trouble comes after a share of their rejections.

Azure is away at the end of both lists.
"""

from collections.abc import Callable
from functools import partial

from tests.inference.conftest import wait_for
from tests.inference.recording_endpoint import RecordingEndpoint
from tests.outage.databases import Database, held_in, waiting_in
from tests.outage.life import Life

Trouble = tuple[float, Callable[[], object]]


def everyday_troubles(endpoint: RecordingEndpoint, life: Life, database: Database) -> list[Trouble]:
    return [
        (0.05, endpoint.close_port),
        (0.15, endpoint.come_back),
        (0.20, partial(endpoint.answer, 500)),
        (0.28, partial(endpoint.answer, 439)),
        (0.36, partial(kill_idle_worker, life, database)),
        (0.40, endpoint.come_back),
        (0.55, database.go_away),
        (0.65, endpoint.close_port),
        (0.75, partial(start_again_with_a_full_outbox, life, database)),
    ]


def more_troubles(endpoint: RecordingEndpoint, life: Life, database: Database) -> list[Trouble]:
    return [
        (0.05, partial(refuse, endpoint, 439)),
        (0.10, partial(refuse, endpoint, 500)),
        (0.20, endpoint.close_port),
        (0.30, endpoint.come_back),
        # Killed with what it is sending in its hands.
        (0.40, endpoint.fall_silent),
        (0.44, life.kill_worker),
        (0.48, endpoint.come_back),
        (0.52, life.kill_worker),
        (0.55, database.go_away),
        (0.60, database.crash),
        (0.65, database.go_away),
        (0.70, endpoint.close_port),
        (0.80, partial(start_again_with_a_full_outbox, life, database)),
        (0.85, life.kill_worker),
        (0.90, database.go_away),
    ]


def refuse(endpoint: RecordingEndpoint, status: int) -> None:
    """Returns once somebody was: who has been before waits a while."""
    endpoint.answer(status)
    assert endpoint.wait_until(lambda it: any(post.status == status for post in it.posts()))


def kill_idle_worker(life: Life, database: Database) -> None:
    """What one that is sending has in its hands is due after half a minute, which not every run has time for."""
    wait_for(lambda: held_in(database) == 0)
    life.kill_worker()


def start_again_with_a_full_outbox(life: Life, database: Database) -> None:
    life.end()
    assert waiting_in(database) > 0
    life.start()
