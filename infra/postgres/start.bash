#!/bin/bash
# Postgres' own entrypoint, unless a password is a placeholder in production: a data folder that was begun is not begun again,
# so 10-roles.sh would say it too late. Not named .sh, or the entrypoint would run it on an empty folder.
set -euo pipefail

for name in database-owner database-api database-mlflow; do
    if [[ ${ENVIRONMENT:-local} == production && $(<"/run/secrets/$name") == local-only ]]; then
        echo "error: the secret $name is the placeholder; in production it must be your own (docs/secrets.md)" >&2
        exit 1
    fi
done

exec docker-entrypoint.sh "$@"
