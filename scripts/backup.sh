#!/usr/bin/env bash
# A backup of the system on containers, while it runs: both databases, and the files of MLflow's runs and models.
#
#   scripts/backup.sh [FOLDER]    default: var/backups/<time in UTC>
#
# Of which containers, COMPOSE_PROJECT_NAME says as always. What it holds and what not: docs/database.md.
set -euo pipefail
# It holds what people wrote.
umask 077

stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

[[ $# -le 1 && ${1:-} != -* ]] || stop "usage: scripts/backup.sh [FOLDER]"
folder=${1:-}
[[ -z $folder || $folder == /* ]] || folder=$PWD/$folder
cd "$(dirname "${BASH_SOURCE[0]}")/.."
begun_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
folder=${folder:-$PWD/var/backups/${begun_at//[-:]/}}
manifest=$folder/manifest.txt

sums() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

ask() { # DATABASE QUERY
  docker compose exec -T --user postgres db psql --no-psqlrc --username postgres --dbname "$1" -Atc "$2" </dev/null
}

dump() { # DATABASE
  docker compose exec -T --user postgres db \
    pg_dump --username postgres --format custom --lock-wait-timeout 30s "$1" </dev/null >"$folder/$1.dump" ||
    stop "the database $1 could not be dumped; $folder is no backup"
  # Read to its end, as a restore does it.
  docker compose exec -T --user postgres db pg_restore --file /dev/null <"$folder/$1.dump" ||
    stop "the dump of $1 cannot be read again; $folder is no backup"
}

archive_files() {
  local status=0
  docker compose exec -T mlflow tar --create --directory /var/lib/mlflow --warning no-file-changed --file - . \
    </dev/null >"$folder/mlflow-files.tar" || status=$?
  # 1: a file changed or went meanwhile. The databases, which were dumped before, do not know of it.
  if ((status > 1)) || [[ ! -s $folder/mlflow-files.tar ]] || ! tar -tf "$folder/mlflow-files.tar" >/dev/null; then
    stop "MLflow's files could not be read; $folder is no backup"
  fi
}

write_manifest() {
  {
    echo "A backup of Air Paradis. scripts/restore.sh FOLDER puts it back (docs/database.md)."
    echo "format: 1"
    echo "begun_at: $begun_at"
    echo "made_at: $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    echo "commit: $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
    echo "postgres: $(ask postgres 'SHOW server_version')"
    echo "migration: $(ask inference 'SELECT version_num FROM alembic_version')"
    echo "mlflow_migration: $(ask mlflow 'SELECT version_num FROM alembic_version')"
    (cd "$folder" && sums inference.dump mlflow.dump mlflow-files.tar)
  } >"$manifest.part"
  # By its name alone a folder is known to be whole.
  mv "$manifest.part" "$manifest"
}

docker compose version >/dev/null 2>&1 || stop "docker compose is needed"
ask postgres 'SELECT 1' >/dev/null || stop "the database does not answer: is the system up? (docker compose up)"
[[ ! -e $folder || (-d $folder && -z $(ls -A "$folder")) ]] || stop "$folder is there already, and not empty"
mkdir -p "$folder"

# In this order: a promotion in between is then one that somebody made without the service, which its journal notes. The
# other way about the journal would end with a champion that the registry does not have.
dump inference
dump mlflow
archive_files
write_manifest
printf 'written to %s\n' "$folder"
for name in inference.dump mlflow.dump mlflow-files.tar manifest.txt; do
  wc -c <"$folder/$name" | awk -v name="$name" '{ printf "  %-18s%10.1f KB\n", name, $1 / 1000 }'
done
