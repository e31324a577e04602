"""What the service's role may not do on Postgres, and how long it may take.

What it may, the other tests show: on Postgres they all run as this role.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Timer

import psycopg2
import pytest
from psycopg2.errors import (
    IdleInTransactionSessionTimeout,
    InsufficientPrivilege,
    LockNotAvailable,
    QueryCanceled,
)
from sqlalchemy import make_url
from uuid_utils.compat import uuid7

from inference.database import build_engine
from inference.drift_store import DriftStore, FoundDrift
from inference.loop_tables import metadata, shadow_disagreements
from inference.retention import NOTHING, Retention
from tests.inference.roles import Roles
from tests.inference.shadowing import NOON, shadowing
from tests.inference.stored import Stored

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

TABLES = sorted(metadata.tables)
ROLES = ("inference_owner", "inference_api", "mlflow", "postgres")


def connect(roles: Roles, role: str = "inference_api", database: str = "inference") -> psycopg2.extensions.connection:
    """As psql does it: nothing is set but what the role brings along."""
    url = make_url(roles.url(role, database))
    return psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database)


@pytest.fixture
def api(postgres_roles: Roles, database_url: str) -> Iterator[psycopg2.extensions.connection]:
    with closing(connect(postgres_roles)) as connection:
        connection.autocommit = True
        yield connection


def run(connection: psycopg2.extensions.connection, statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


# --- refused


@pytest.mark.parametrize("table", [*TABLES, "alembic_version"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "TRUNCATE {}",
        "DROP TABLE {}",
        "ALTER TABLE {} ADD COLUMN more text",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "CREATE INDEX ON {} ((1))",
        "CREATE RULE nothing AS ON INSERT TO {} DO INSTEAD NOTHING",
    ],
)
def test_no_table_is_emptied_or_changed(api: psycopg2.extensions.connection, table: str, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        run(api, statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "DROP SCHEMA public CASCADE",
        "DROP FUNCTION drop_drift_reports()",
        "CREATE OR REPLACE FUNCTION drop_drift_reports() RETURNS void LANGUAGE sql AS 'DELETE FROM predictions'",
        "ALTER SEQUENCE predictions_sequence_seq RESTART",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO alembic_version VALUES ('0001')",
        "COPY (SELECT 1) TO PROGRAM 'cat > /tmp/mine'",
        "COPY erasures (subject) FROM PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/mine'",
        "COPY erasures (subject) FROM '/etc/passwd'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
        "SELECT rolpassword FROM pg_authid",
        "SET ROLE inference_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "ALTER ROLE inference_api SUPERUSER",
        "ALTER ROLE inference_owner PASSWORD 'mine'",
        "ALTER DATABASE inference SET search_path = 'mine'",
        "ALTER SYSTEM SET archive_command = 'id'",
    ],
)
def test_nor_is_anything_else_that_is_not_its_business(api: psycopg2.extensions.connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        run(api, statement)


@pytest.mark.parametrize("database", ["inference", "mlflow", "postgres", "template1"])
@pytest.mark.parametrize("role", ROLES)
def test_each_reaches_its_own_database_alone(
    postgres_roles: Roles, database_url: str, role: str, database: str
) -> None:
    if role == "postgres" or role.split("_")[0] == database:
        with closing(connect(postgres_roles, role, database)) as connection:
            assert run(connection, "SELECT current_database()") == [(database,)]
        return
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        connect(postgres_roles, role, database)


def test_only_the_superuser_is_one_and_nobody_is_a_member_of_another(postgres_roles: Roles, database_url: str) -> None:
    powers = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
    with closing(connect(postgres_roles, "postgres")) as connection:
        names = ", ".join(f"'{role}'" for role in ROLES)
        query = f"SELECT rolname FROM pg_roles WHERE rolname IN ({names}) AND ({powers})"
        assert run(connection, query) == [("postgres",)]
        members = "SELECT member::regrole FROM pg_auth_members WHERE member::regrole::text"
        assert run(connection, f"{members} IN ({names})") == []


def test_all_that_there_is_belongs_to_the_owner(postgres_roles: Roles, database_url: str) -> None:
    owners = """
        SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""
    with closing(connect(postgres_roles, "postgres")) as connection:
        assert run(connection, owners) == [("inference_owner",)]


# --- what functions of the owner delete for it


def test_what_runs_with_the_owners_rights_is_known_and_fixed(postgres_roles: Roles, database_url: str) -> None:
    definers = """
        SELECT proname, proconfig, has_function_privilege('mlflow', oid, 'EXECUTE') FROM pg_proc
        WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname"""
    path = ["search_path=pg_catalog, pg_temp"]
    with closing(connect(postgres_roles, "postgres")) as connection:
        assert run(connection, definers) == [("drop_drift_reports", path, False), ("forget_disagreements", path, False)]


def test_a_disagreement_on_a_text_that_is_kept_stays_whatever_is_asked(
    api: psycopg2.extensions.connection, database_url: str
) -> None:
    with shadowing(database_url) as shadowed:
        kept, forgotten = shadowed.predict("of Jane"), shadowed.predict("of John", author="b" * 64)
        for prediction_id in (kept, forgotten):
            shadowed.disagree(prediction_id)
        run(api, f"UPDATE predictions SET text = '' WHERE prediction_id = '{forgotten}'")
        run(api, "SELECT forget_disagreements(array_agg(prediction_id)) FROM predictions")
        left = [row["prediction_id"] for row in Stored(shadowed.engine).rows(shadow_disagreements)]
    assert left == [kept]


def test_a_drift_report_of_this_year_stays_whatever_is_asked(
    api: psycopg2.extensions.connection, database_url: str
) -> None:
    engine = build_engine(database_url)
    found = FoundDrift("3", "d" * 64, "stable", [], [], 1, 500, 0, 500, "r", None)
    written, _ = DriftStore(engine).write_report(found, datetime.now(UTC) - timedelta(days=399))
    run(api, "SELECT drop_drift_reports()")
    assert DriftStore(engine).list_reports(None, 10) == [written]
    engine.dispose()


# --- how long it may take


def test_a_statement_has_two_seconds(api: psycopg2.extensions.connection) -> None:
    began = time.monotonic()
    with pytest.raises(QueryCanceled):
        run(api, "SELECT pg_sleep(10)")
    assert 1.5 < time.monotonic() - began < 9


def test_a_lock_is_waited_for_half_a_second(api: psycopg2.extensions.connection, postgres_roles: Roles) -> None:
    with closing(connect(postgres_roles)) as holder:
        run(holder, "SELECT pg_advisory_xact_lock(1)")
        began = time.monotonic()
        with pytest.raises(LockNotAvailable):
            run(api, "SELECT pg_advisory_xact_lock(1)")
        assert time.monotonic() - began > 0.3


def test_only_forgetting_waits_longer(postgres_roles: Roles, database_url: str) -> None:
    engine = build_engine(database_url)
    with closing(connect(postgres_roles)) as holder:
        run(holder, "SELECT pg_advisory_xact_lock(hashtext('retention'))")
        Timer(1, holder.rollback).start()
        assert Retention(engine).erase("a" * 64, NOON) == NOTHING
    engine.dispose()


def test_a_transaction_that_is_left_open_is_ended(api: psycopg2.extensions.connection) -> None:
    assert run(api, "SHOW idle_in_transaction_session_timeout") == [("10s",)]
    api.autocommit = False
    run(api, "SET idle_in_transaction_session_timeout = 100")
    time.sleep(0.5)
    with pytest.raises((IdleInTransactionSessionTimeout, psycopg2.OperationalError)):
        run(api, "SELECT 1")


def test_no_role_takes_all_the_connections(postgres_roles: Roles, database_url: str) -> None:
    with closing(connect(postgres_roles, "postgres")) as connection:
        limits = dict(run(connection, "SELECT rolname, rolconnlimit FROM pg_roles WHERE rolconnlimit > 0"))
        [(most,)] = run(connection, "SELECT current_setting('max_connections')::int")
    assert set(limits) == {"inference_owner", "inference_api", "mlflow"}
    assert sum(int(str(limit)) for limit in limits.values()) < int(str(most))


def test_names_of_a_prediction_that_is_not_there_do_no_harm(api: psycopg2.extensions.connection) -> None:
    assert run(api, f"SELECT forget_disagreements(ARRAY['{uuid7()}', NULL]::uuid[])") == [(None,)]
    assert run(api, "SELECT forget_disagreements(NULL)") == [(None,)]
