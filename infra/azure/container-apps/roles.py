"""The databases and who may do what in them, on a PostgreSQL that Azure runs.

What infra/postgres/10-roles.sh does where we are superuser ourselves: its administrator is none here. Run again it sets
passwords and rights anew. The job `migrate` hands this text to Python in the image of the API.
"""

import os
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection, encrypt_password

SECRETS = Path(os.environ.get("SECRETS") or "/run/secrets")
OWNER, API, MLFLOW = ROLES = ("inference_owner", "inference_api", "mlflow")
DATABASES = {"inference": OWNER, "mlflow": MLFLOW}
POWERS = "LOGIN NOCREATEDB NOCREATEROLE"
# Of the connections that Azure does not keep for itself, none of them takes all.
KEPT_BY_AZURE = 15
SHARES = {API: 0.6, MLFLOW: 0.3}
LIMITS = {
    API: {"statement_timeout": "2s", "lock_timeout": "500ms", "idle_in_transaction_session_timeout": "10s"},
    OWNER: {"lock_timeout": "15s", "idle_in_transaction_session_timeout": "60s"},
    MLFLOW: {"statement_timeout": "5min", "lock_timeout": "30s", "idle_in_transaction_session_timeout": "60s"},
}
# It neither deletes a row nor changes a table: what has to go, functions of the owner delete (docs/database.md).
RIGHTS_OF_API = (
    "GRANT USAGE ON SCHEMA public TO inference_api",
    "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO inference_api",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO inference_api",
    "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO inference_api",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO inference_api",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO inference_api",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
)


def password_of(name: str) -> str:
    password = (SECRETS / name).read_text(encoding="utf-8").removesuffix("\n")
    if password in ("", "local-only"):
        raise SystemExit(f"error: the secret {name} is empty or the placeholder; it must be your own (docs/secrets.md)")
    return password


def connect(database: str) -> connection:
    opened = psycopg2.connect(
        host=os.environ["DATABASE_HOST"],
        user=os.environ["DATABASE_ADMIN"],
        password=password_of("database-admin"),
        dbname=database,
    )
    # A database is made outside of transactions.
    opened.autocommit = True
    return opened


def run(opened: connection, statement: str, **names: str) -> None:
    with opened.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()}))


def exists(opened: connection, query: str, name: str) -> bool:
    with opened.cursor() as cursor:
        cursor.execute(query, (name,))
        return cursor.fetchone() is not None


def set_role(opened: connection, role: str, password: str) -> None:
    if not exists(opened, "SELECT FROM pg_roles WHERE rolname = %s", role):
        run(opened, "CREATE ROLE {role}", role=role)
    # Without it the administrator may neither hand a database over nor act for its owner.
    run(opened, "GRANT {role} TO CURRENT_USER", role=role)
    # Hashed here: a statement is logged, and a password is not to be.
    hashed = encrypt_password(password, role, opened, "scram-sha-256")
    with opened.cursor() as cursor:
        cursor.execute(sql.SQL(f"ALTER ROLE {{}} {POWERS} PASSWORD %s").format(sql.Identifier(role)), (hashed,))
        for name, value in LIMITS[role].items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET {} = %s").format(sql.Identifier(role), sql.Identifier(name)), (value,)
            )


def share_connections(opened: connection) -> None:
    with opened.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int")
        free = cursor.fetchone()[0] - KEPT_BY_AZURE
        for role, share in SHARES.items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} CONNECTION LIMIT %s").format(sql.Identifier(role)), (max(1, int(free * share)),)
            )


def make_database(opened: connection, name: str, owner: str) -> None:
    if not exists(opened, "SELECT FROM pg_database WHERE datname = %s", name):
        run(opened, "CREATE DATABASE {name} OWNER {owner}", name=name, owner=owner)
    run(opened, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=name)


def main() -> None:
    passwords = {OWNER: "database-owner", API: "database-api", MLFLOW: "database-mlflow"}
    server = connect("postgres")
    for role, secret in passwords.items():
        set_role(server, role, password_of(secret))
    share_connections(server)
    for name, owner in DATABASES.items():
        make_database(server, name, owner)
    run(server, "GRANT CONNECT ON DATABASE inference TO {api}", api=API)
    for name, owner in DATABASES.items():
        opened = connect(name)
        run(opened, "SET ROLE {owner}", owner=owner)
        run(opened, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for statement in RIGHTS_OF_API if owner == OWNER else ():
            run(opened, statement)
    # This script is nobody's module: what it says is in the job's log.
    os.write(1, b"roles.py: inference_owner, inference_api and mlflow have their databases, rights and passwords\n")


main()
