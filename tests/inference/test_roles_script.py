"""The script that makes databases and roles, on a server that asks for passwords: first, again, on an old volume."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL, make_url

from inference.database import build_engine
from inference.store import Store
from tests.inference.own_postgres import OwnPostgres, own_postgres
from tests.inference.roles import SECRETS, Roles
from tests.inference.stored import Stored

Migrate = Callable[..., None]

# As Postgres' container has it, seen from another one.
RULES = "local all postgres trust\nlocal all all scram-sha-256\n"
ROLE_OF = {"database-owner": "inference_owner", "database-api": "inference_api", "database-mlflow": "mlflow"}
DATABASE_OF = {"inference_owner": "inference", "inference_api": "inference", "mlflow": "mlflow"}


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        (Path(str(make_url(server.url).query["host"])) / "pg_hba.conf").write_text(RULES)
        as_superuser(server.url, "SELECT pg_reload_conf()")
        yield server


@pytest.fixture
def roles(server: OwnPostgres) -> Iterator[Roles]:
    """On a server that has only what every server has."""
    yield Roles(server.url)
    for database in ("inference", "mlflow"):
        as_superuser(server.url, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for role in DATABASE_OF:
        as_superuser(server.url, f"DROP ROLE IF EXISTS {role}")


def as_superuser(url: str, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
    # Not with the patience of the service: to drop a database may take longer.
    psycopg2.extensions.set_wait_callback(None)
    with closing(connect(make_url(url).set(database=database))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def connect(url: URL) -> psycopg2.extensions.connection:
    return psycopg2.connect(
        host=url.query["host"], user=url.username, password=url.password, dbname=url.database, client_encoding="UTF8"
    )


def lets_in(roles: Roles, secret: str, password: str) -> bool:
    role = ROLE_OF[secret]
    try:
        connect(make_url(roles.url(role, DATABASE_OF[role], password))).close()
    except psycopg2.OperationalError as error:
        assert "password authentication failed" in str(error)
        return False
    return True


# --- passwords


@pytest.mark.parametrize(
    "password",
    ["simple", "'; DROP ROLE mlflow; --", r"""a b"c'd\e`id`f$(id)$g:h:'i'%j#k{l}""", "päßwörd 密码 🔑", "x" * 900],
    ids=["simple", "quotes", "all kinds", "letters of others", "long"],
)
def test_whoever_has_the_password_of_the_file_comes_in_and_nobody_else(roles: Roles, password: str) -> None:
    given = {name: f"{password} {name}" for name in SECRETS}
    made = roles.make({name: f"{content}\n" for name, content in given.items()})
    assert made.returncode == 0, made.stderr
    for name, content in given.items():
        assert lets_in(roles, name, content)
        assert not lets_in(roles, name, f"{content}x")


def test_run_again_it_sets_the_passwords_anew(roles: Roles) -> None:
    assert roles.make().returncode == 0
    assert roles.make(SECRETS | {"database-api": "another"}).returncode == 0
    assert not lets_in(roles, "database-api", SECRETS["database-api"])
    assert lets_in(roles, "database-api", "another")
    assert lets_in(roles, "database-mlflow", SECRETS["database-mlflow"])


def test_the_superuser_has_no_password_afterwards(roles: Roles) -> None:
    as_superuser(roles.superuser_url, "ALTER ROLE postgres PASSWORD 'local-only'")
    assert roles.make().returncode == 0
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"
    assert as_superuser(roles.superuser_url, query) == [(None,)]


def test_no_password_is_said_or_logged_even_where_every_statement_is(server: OwnPostgres, roles: Roles) -> None:
    for setting in ("log_statement = 'all'", "log_min_duration_statement = 0"):
        as_superuser(server.url, f"ALTER SYSTEM SET {setting}")
    as_superuser(server.url, "SELECT pg_reload_conf()")
    as_superuser(server.url, "SELECT 'canary'")
    made = roles.make({name: f"s3cr3t {name}" for name in SECRETS})
    as_superuser(server.url, "ALTER SYSTEM RESET ALL")
    as_superuser(server.url, "SELECT pg_reload_conf()")
    log = (Path(str(make_url(server.url).query["host"])) / "log").read_text()
    assert made.returncode == 0
    assert "canary" in log
    assert "s3cr3t" not in log + made.stdout + made.stderr


# --- what it refuses


@pytest.mark.parametrize("name", SECRETS)
def test_in_production_a_placeholder_is_refused_by_name(roles: Roles, name: str) -> None:
    refused = roles.make(SECRETS | {name: "local-only\n"}, ENVIRONMENT="production")
    assert refused.returncode != 0
    [line] = refused.stderr.splitlines()
    assert name in line and "local-only" in line
    assert as_superuser(roles.superuser_url, "SELECT FROM pg_database WHERE datname = 'inference'") == []
    assert roles.make(SECRETS | {name: "local-only\n"}).returncode == 0


@pytest.mark.parametrize(
    "content", ["", "\n", "two\nlines", "bell\a", "windows\r\n", "\n\n", " before", "after "], ids=repr
)
def test_what_is_no_password_is_refused(roles: Roles, content: str) -> None:
    refused = roles.make(SECRETS | {"database-api": content})
    assert refused.returncode != 0
    [line] = refused.stderr.splitlines()
    assert line.startswith("10-roles.sh: database-api ")
    assert content.strip() == "" or content.strip() not in line


def test_a_file_that_is_not_there_is_named(roles: Roles) -> None:
    refused = roles.make({name: content for name, content in SECRETS.items() if name != "database-mlflow"})
    assert refused.returncode != 0
    assert "database-mlflow is not there" in refused.stderr


def test_a_server_that_is_not_there_ends_it(roles: Roles, tmp_path: Path) -> None:
    assert roles.make(PGHOST=str(tmp_path)).returncode != 0


def test_read_into_the_entrypoint_it_goes_on_or_ends_that(roles: Roles) -> None:
    """As Postgres' image does with a file that is not executable, such as one of a Windows checkout."""
    assert "goes on" in roles.make(sourced=True).stdout
    refused = roles.make(SECRETS | {"database-api": ""}, sourced=True)
    assert refused.returncode != 0
    assert "goes on" not in refused.stdout


# --- a volume of before


def belongs_to(roles: Roles, database: str) -> set[str]:
    query = """
        SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT typowner::regrole::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
        UNION SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"""
    return {str(owner) for (owner,) in as_superuser(roles.superuser_url, query, database)}


def api_url(roles: Roles) -> str:
    return roles.url("inference_api", password=SECRETS["database-api"])


def owner_url(roles: Roles) -> str:
    return roles.url("inference_owner", password=SECRETS["database-owner"])


def use(roles: Roles, expected: list[str]) -> None:
    """As the service does it."""
    engine = build_engine(api_url(roles))
    stored, store = Stored(engine), Store(engine)
    store.check_schema()
    stored.judge(stored.predict("new"), comment="no")
    assert [item.text for item in store.read_predictions(0, 10).items] == [*expected, "new"]
    engine.dispose()


def test_what_the_superuser_had_is_the_owners_afterwards_and_the_service_goes_on(
    roles: Roles, migrate_database: Migrate
) -> None:
    for database in ("inference", "mlflow"):
        as_superuser(roles.superuser_url, f"CREATE DATABASE {database}")
    for statement in (
        "CREATE TYPE state AS ENUM ('new')",
        "CREATE TABLE runs (id serial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY, state state)",
        "CREATE SEQUENCE apart",
        "CREATE VIEW all_runs AS SELECT * FROM runs",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ):
        as_superuser(roles.superuser_url, statement, "mlflow")
    old = roles.url("postgres")
    migrate_database(old, "0004")
    engine = build_engine(old)
    Stored(engine).predict("old")
    engine.dispose()
    made = roles.make()
    assert made.returncode == 0, made.stderr
    assert belongs_to(roles, "inference") == {"inference_owner"}
    assert belongs_to(roles, "mlflow") == {"mlflow"}
    migrate_database(owner_url(roles), "head")
    use(roles, ["old"])
    with closing(connect(make_url(roles.url("mlflow", "mlflow", SECRETS["database-mlflow"])))) as connection:
        connection.cursor().execute("INSERT INTO runs (state) VALUES ('new'); ALTER TABLE runs ADD COLUMN more text")


def test_a_superuser_who_migrates_leaves_the_service_its_rights(roles: Roles, migrate_database: Migrate) -> None:
    """Default rights are of what the owner makes, so that the migration gives them itself."""
    assert roles.make().returncode == 0
    migrate_database(roles.url("postgres"), "head")
    use(roles, [])
    assert roles.make().returncode == 0
    assert belongs_to(roles, "inference") == {"inference_owner"}
    use(roles, ["new"])
    migrate_database(owner_url(roles), "base")


def test_what_a_later_migration_makes_is_the_services_to_use(roles: Roles, migrate_database: Migrate) -> None:
    assert roles.make().returncode == 0
    migrate_database(owner_url(roles), "head")
    with closing(connect(make_url(owner_url(roles)))) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (number bigserial, word text)")
        connection.commit()
    with closing(connect(make_url(api_url(roles)))) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO later (word) VALUES ('a'); UPDATE later SET word = 'b' RETURNING number, word")
        assert cursor.fetchall() == [(1, "b")]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("DELETE FROM later")
