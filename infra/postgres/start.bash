#!/bin/bash
# Postgres' own entrypoint, and beside it 10-roles.sh at every start: passwords are those of the files, whatever the volume has seen
# before. Not named .sh, or the entrypoint would run it on an empty folder.
set -euo pipefail

init=/docker-entrypoint-initdb.d

# Before a data folder is begun, which is not begun again.
for name in database-owner database-api database-mlflow; do
    if [[ ${ENVIRONMENT:-local} == production && $(<"/run/secrets/$name") == local-only ]]; then
        echo "error: the secret $name is the placeholder; in production it must be your own (docs/secrets.md)" >&2
        exit 1
    fi
done

set_roles() {
    # Over TCP: on its first start Postgres answers on its socket before it has run the same script itself.
    until pg_isready --quiet --host 127.0.0.1; do sleep 0.2; done
    # Again, where somebody changed the same row of a catalogue at the same moment.
    until bash "$init/10-roles.sh"; do sleep 2; done
    touch /tmp/roles-are-set
}

rm -f /tmp/roles-are-set
# By a shell that ends at once: a child of Postgres' that it did not make itself would be in its log.
(set_roles &)
exec docker-entrypoint.sh "$@"
