#!/bin/bash
# The databases and who may do what in them. Postgres runs it on an empty data folder; run again by hand it sets the
# passwords anew and takes over what belonged to the superuser: docker compose exec db bash /docker-entrypoint-initdb.d/10-roles.sh
# It reads the passwords from files and hands them to psql in its environment: they are on no command line and in no log.

SECRETS=${SECRETS:-/run/secrets}

fail() {
    echo "10-roles.sh: $1" >&2
    exit 1
}

# Without the newline that editors put at its end, as the services read it.
read_password() {
    local name=$1 password
    [ -r "$SECRETS/$name" ] || fail "$SECRETS/$name is not there, or not readable"
    password=$(cat "$SECRETS/$name" && printf .)
    password=${password%.}
    password=${password%$'\n'}
    case $password in
        '') fail "$name is empty" ;;
        *[[:cntrl:]]*) fail "$name has more than one line, or a control character" ;;
        [[:space:]]* | *[[:space:]]) fail "$name begins or ends with a blank, which not everybody reads" ;;
        local-only)
            [ "${ENVIRONMENT:-local}" != production ] ||
                fail "$name is still the placeholder local-only: in production it needs a password of its own (make secrets)"
            ;;
    esac
    printf '%s' "$password"
}

run_sql() {
    PGCLIENTENCODING=UTF8 psql --no-psqlrc --quiet --no-password --set ON_ERROR_STOP=1 \
        --username "${POSTGRES_USER:-postgres}" --dbname "$@"
}

make_roles() {
    OWNER_PASSWORD=$1 API_PASSWORD=$2 MLFLOW_PASSWORD=$3 run_sql postgres <<'SQL'
-- A statement that fails would be logged with the password in it.
SET log_statement = none;
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
SET password_encryption = 'scram-sha-256';
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['inference_owner', 'inference_api', 'mlflow']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

\getenv owner_password OWNER_PASSWORD
\getenv api_password API_PASSWORD
\getenv mlflow_password MLFLOW_PASSWORD
\set powers 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS'
ALTER ROLE inference_owner :powers CONNECTION LIMIT 5 PASSWORD :'owner_password';
ALTER ROLE inference_api :powers PASSWORD :'api_password';
ALTER ROLE mlflow :powers PASSWORD :'mlflow_password';
-- Reached over the socket in the container alone, by whoever is postgres there.
SELECT format('ALTER ROLE %I PASSWORD NULL', current_user) \gexec

-- None of them takes all the connections there are.
SELECT format('ALTER ROLE %I CONNECTION LIMIT %s', name, current_setting('max_connections')::int * tenths / 10)
FROM (VALUES ('inference_api', 6), ('mlflow', 3)) AS share (name, tenths) \gexec

ALTER ROLE inference_api SET statement_timeout = '2s';
ALTER ROLE inference_api SET lock_timeout = '500ms';
ALTER ROLE inference_api SET idle_in_transaction_session_timeout = '10s';
-- A migration may take long, but while it waits for a table everybody else waits behind it.
ALTER ROLE inference_owner SET lock_timeout = '15s';
ALTER ROLE inference_owner SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE mlflow SET statement_timeout = '5min';
ALTER ROLE mlflow SET lock_timeout = '30s';
ALTER ROLE mlflow SET idle_in_transaction_session_timeout = '60s';

SELECT format('CREATE DATABASE %I', name) FROM unnest(ARRAY['inference', 'mlflow']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
ALTER DATABASE inference OWNER TO inference_owner;
ALTER DATABASE mlflow OWNER TO mlflow;

REVOKE ALL ON DATABASE postgres, template1, inference, mlflow FROM PUBLIC;
REVOKE ALL ON DATABASE inference FROM inference_api;
GRANT CONNECT ON DATABASE inference TO inference_api;
SQL
}

# In one transaction: whoever works meanwhile never lacks a right.
give_rights() {
    local database=$1 owner=$2
    run_sql "$database" --single-transaction --set owner="$owner" --file - <<'SQL'
SET client_min_messages = warning;
-- PUBLIC has none, and the owner of the database has all.
ALTER SCHEMA public OWNER TO pg_database_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- What is numbered by a sequence goes with its table, and takes the sequence along.
SELECT format('ALTER TABLE public.%I OWNER TO %I', relname, :'owner') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
    AND relowner <> :'owner'::regrole
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i'))
\gexec
SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, :'owner') FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proowner <> :'owner'::regrole \gexec
SELECT format('ALTER TYPE public.%I OWNER TO %I', typname, :'owner') FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd') AND typowner <> :'owner'::regrole \gexec
SQL
}

# It neither deletes a row nor changes a table. What has to go, functions of the owner delete (docs/database.md).
give_rights_to_api() {
    run_sql inference --single-transaction --file - <<'SQL'
SET client_min_messages = warning;
GRANT USAGE ON SCHEMA public TO inference_api;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, inference_api;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, inference_api;
REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, inference_api;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO inference_api;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO inference_api;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO inference_api;
-- Which migration has run is not for it to say.
SELECT 'REVOKE INSERT, UPDATE ON public.alembic_version FROM inference_api'
WHERE to_regclass('public.alembic_version') IS NOT NULL \gexec

-- And of what the migrations make from now on.
ALTER DEFAULT PRIVILEGES FOR ROLE inference_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO inference_api;
ALTER DEFAULT PRIVILEGES FOR ROLE inference_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO inference_api;
ALTER DEFAULT PRIVILEGES FOR ROLE inference_owner REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
SQL
}

# In a shell of its own: Postgres' entrypoint reads this file into itself where it is not executable.
(
    set -euo pipefail
    owner=$(read_password database-owner)
    api=$(read_password database-api)
    mlflow=$(read_password database-mlflow)
    make_roles "$owner" "$api" "$mlflow"
    give_rights inference inference_owner
    give_rights mlflow mlflow
    give_rights_to_api
    echo "10-roles.sh: inference_owner, inference_api and mlflow have their databases, rights and passwords"
)
