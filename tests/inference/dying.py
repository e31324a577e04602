"""A watch that breaks off wherever a test wants it to."""

from sqlalchemy import event

from inference.alerting.watch import Watch
from tests.inference.judging import Judging


class Died(Exception):
    pass


def look_and_die_after(watch: Watch, people: Judging, statements: int) -> bool:
    """Whether it died: a look that is over by then does not."""
    left = statements

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Died

    event.listen(people.engine, "after_cursor_execute", count)
    try:
        watch.look()
    except Died:
        return True
    finally:
        event.remove(people.engine, "after_cursor_execute", count)
    return False
