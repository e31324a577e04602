"""For operators: `python -m inference COMMAND` makes a key, erases a person, forgets what is old, or tries the alerts.

Its settings are those of the service, from the same environment: under another key nobody is found.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import closing

from uuid_utils.compat import uuid7

from inference.access.new_key import make_new_key
from inference.access.scopes import SCOPES
from inference.alerting.delivery_store import DueDelivery
from inference.alerting.notifiers import DeliveryFailed
from inference.alerting.wording import word_test
from inference.database import build_engine
from inference.errors import NobodyToTell, RowsRefused, Unavailable
from inference.jobs import build_privacy, forget_some, now
from inference.receivers import build_destinations, check_receivers
from inference.retention import ERASED_AGAIN_FOR, NOTHING, Retention
from inference.settings import Settings, load_settings
from inference.spool import Spool
from inference.sqlite_copy import build_copy
from inference.store import Store


def main() -> None:
    """Ends with SystemExit, and one line, where it cannot do it."""
    parser = argparse.ArgumentParser(prog="python -m inference")
    commands = parser.add_subparsers(dest="command", required=True)
    erasing = commands.add_parser("erase", help="erase the texts, comments and pseudonym of a person")
    erasing.add_argument("subject", help="the id that callers of the API give; - reads it from stdin")
    commands.add_parser("expire", help="forget now what is older than INFERENCE_RETENTION_DAYS")
    commands.add_parser("test-alert", help="send a test to everybody who is told of alerts")
    making = commands.add_parser("new-key", help="make an API key, and the line that the service knows it by")
    making.add_argument("name", help="whose it is; a second key of the same name may replace the first")
    making.add_argument("--scopes", required=True, help=f"of {', '.join(SCOPES)}, with commas between them")
    making.add_argument("--until", help="when it ends, as 2027-01-31T00:00:00Z")
    given = parser.parse_args()
    if given.command == "new-key":
        make_new_key(given.name, given.scopes, given.until, say)
        return
    # What goes wrong is said in that line, once.
    logging.getLogger("inference").addHandler(logging.NullHandler())
    settings = load_settings()
    try:
        match given.command:
            case "erase":
                erase(settings, sys.stdin.read() if given.subject == "-" else given.subject)
            case "expire":
                expire(settings)
            case "test-alert":
                try_alerts(settings)
    except Unavailable as error:
        raise SystemExit(f"error: {error.detail}") from None
    except OSError as error:
        raise SystemExit(f"error: {error}") from None
    except UnicodeError:
        raise SystemExit("error: The id is not UTF-8.") from None


def erase(settings: Settings, subject: str) -> None:
    if not subject.strip():
        raise SystemExit("error: The id is blank.")
    pseudonym = build_privacy(settings).pseudonym(subject)
    engine = build_engine(settings.database_url.get_secret_value())
    retention = Retention(engine)
    with closing(Store(engine)) as store:
        # What is on its way. The files stay for the workers, who will find the rows there.
        for file in Spool(settings.spool_dir, max_bytes=0).files():
            for group in file.groups:
                bring_in(store, group)
        erased = retention.erase(pseudonym, now())
        is_scrubbed = retention.scrub()
    say(f"Erased: texts {erased.texts}, verdicts {erased.verdicts}.")
    if erased == NOTHING:
        say("Nobody is found by this id, under the INFERENCE_SUBJECT_KEY of this environment.")
    if (kept := build_copy(settings)) is not None and not kept.finish():
        say(f"Its copy, {settings.sqlite_copy}, could not be written, and holds it until the service has done so.")
    if not is_scrubbed:
        say("The database's own files hold it until its next vacuum (Postgres), or until nobody reads (SQLite).")
    say(f"What is from before and comes in within {ERASED_AGAIN_FOR.days} days is erased by the service.")
    copies = "copies in Application Insights, " if settings.telemetry_include_text else ""
    say(f"Out of reach: {copies}messages already delivered, and what was read for a training.")


def bring_in(store: Store, rows: Sequence[bytes]) -> None:
    try:
        store.write_predictions(rows)
    except RowsRefused:
        # One that no database takes would hide the others.
        for row in rows if len(rows) > 1 else ():
            bring_in(store, [row])


def expire(settings: Settings) -> None:
    engine = build_engine(settings.database_url.get_secret_value())
    with closing(Store(engine)):
        while forget_some(Retention(engine), settings.retention_days):
            pass
    days = settings.retention_days
    say(f"Nothing older than {days:g} days is kept." if days else "INFERENCE_RETENTION_DAYS is 0: all is kept.")


def try_alerts(settings: Settings) -> None:
    check_receivers(settings)
    notifiers = build_destinations(settings)
    if not notifiers:
        raise SystemExit(f"error: {NobodyToTell.detail}")
    status = 0
    for notifier in notifiers:
        try:
            notifier.send(word_test(DueDelivery(uuid7(), None, "test", 1, now())))
            say(f"{notifier.destination}: arrived")
        except DeliveryFailed as error:
            status = 1
            say(f"{notifier.destination}: {error}")
    raise SystemExit(status)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


if __name__ == "__main__":
    main()
