#!/bin/sh
# Runs MLflow's server with everything shut that this system does not use. What each line guards: docs/mlflow.md.
set -eu

secrets=${MLFLOW_SECRETS_DIR:-/run/secrets}

refuse() {
    echo "error: $1" >&2
    exit 1
}

# The secret of that name, or nothing.
secret() {
    if [ -s "$secrets/$1" ]; then cat "$secrets/$1"; fi
}

# A placeholder is good enough on one's own machine alone.
require_own() {
    if [ "${ENVIRONMENT:-local}" = production ] && [ "$2" = local-only ]; then
        refuse "the secret $1 is the placeholder; in production it must be your own (docs/secrets.md)"
    fi
}

# MLflow takes no password of fewer than twelve characters, so there the placeholders never do.
require_long() {
    if [ "${#2}" -lt 12 ]; then
        refuse "MLFLOW_SIGN_IN=true needs the secret $1, of twelve characters or more (docs/secrets.md)"
    fi
}

: "${MLFLOW_BACKEND_STORE_URI:?is not set}"
# Without it MLflow answers to any name in a private network.
: "${MLFLOW_SERVER_ALLOWED_HOSTS:?is not set}"

# The driver takes it from here, so that no address holds it.
PGPASSWORD=$(secret database-mlflow)
require_own database-mlflow "$PGPASSWORD"
if [ -n "$PGPASSWORD" ]; then export PGPASSWORD; fi

# Code that is sent or stored is never run.
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
export MLFLOW_SERVER_ENABLE_CUSTOM_SCORERS=false
export MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false
export MLFLOW_ENABLE_REMOTE_ASSISTANT=false
# Nobody outside is told or asked anything. A webhook is a request that somebody else writes and this server sends.
export MLFLOW_DISABLE_TELEMETRY=true
export MLFLOW_ENABLE_AI_GATEWAY=false
export MLFLOW_MODEL_CATALOG_URI=
export MLFLOW_WEBHOOK_ALLOWED_SCHEMES=none
# No experiment chooses where its files lie, and no version where its own come from.
export MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH=0
export MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX='^(models:/m-[0-9a-f]+$|mlflow-artifacts:/)'

set -- --host "${MLFLOW_HOST:-0.0.0.0}" --port "${MLFLOW_PORT:-5000}" --workers "${MLFLOW_WORKERS:-1}" \
    --artifacts-destination "${MLFLOW_ARTIFACTS_DESTINATION:-/var/lib/mlflow/artifacts}"

case ${MLFLOW_SIGN_IN:-false} in
false) ;;
true)
    MLFLOW_AUTH_ADMIN_PASSWORD=$(secret mlflow-admin)
    MLFLOW_FLASK_SERVER_SECRET_KEY=$(secret mlflow-cookie-key)
    require_long mlflow-admin "$MLFLOW_AUTH_ADMIN_PASSWORD"
    require_long mlflow-cookie-key "$MLFLOW_FLASK_SERVER_SECRET_KEY"
    export MLFLOW_AUTH_ADMIN_USERNAME=admin MLFLOW_AUTH_ADMIN_PASSWORD MLFLOW_FLASK_SERVER_SECRET_KEY
    # What no rule of MLflow's speaks of is refused.
    export MLFLOW_BASIC_AUTH_FAIL_CLOSED=true MLFLOW_SERVER_ENABLE_GRAPHQL_AUTH=true
    export MLFLOW_AUTH_CONFIG_PATH="${TMPDIR:-/tmp}/basic_auth.ini"
    # Without the cache each request waits for its password to be hashed.
    (umask 077 && cat >"$MLFLOW_AUTH_CONFIG_PATH") <<INI
[mlflow]
default_permission = NO_PERMISSIONS
auth_cache_ttl_seconds = ${MLFLOW_SIGN_IN_CACHE_SECONDS:-60}
database_uri = $(printf %s "$MLFLOW_BACKEND_STORE_URI" | sed 's/%/%%/g')
INI
    set -- "$@" --app-name basic-auth
    ;;
*) refuse "MLFLOW_SIGN_IN is true or false" ;;
esac

exec mlflow server "$@"
