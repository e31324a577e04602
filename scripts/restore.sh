#!/usr/bin/env bash
# Puts back what scripts/backup.sh wrote, into the containers of this folder.
#
#   scripts/restore.sh FOLDER          onto databases that are empty
#   scripts/restore.sh FOLDER --yes    whatever is there is replaced, and what runs is stopped
#
# What is there is given up only when all of the backup is in the database. Of which containers, COMPOSE_PROJECT_NAME says.
set -euo pipefail

stop() { printf 'error: %s\n' "$*" >&2; exit 1; }
usage="usage: scripts/restore.sh FOLDER [--yes]"

folder=
is_sure=no
for argument in "$@"; do
  case $argument in
    --yes) is_sure=yes ;;
    -*) stop "$usage" ;;
    *) [[ -z $folder ]] || stop "$usage"; folder=$argument ;;
  esac
done
[[ -n $folder ]] || stop "$usage"
[[ $folder == /* ]] || folder=$PWD/$folder
manifest=$folder/manifest.txt
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check_sums() { if command -v sha256sum >/dev/null; then sha256sum -c; else shasum -a 256 -c; fi; }

value() { sed -n "s/^$1: //p" "$manifest"; }

in_db() { docker compose exec -T --user postgres db "$@"; }

ask() { # DATABASE QUERY
  in_db psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname "$1" -Atc "$2" </dev/null
}

verify() {
  local listed
  [[ -f $manifest ]] || stop "$folder is no backup, or one that was not finished: it has no manifest.txt"
  [[ $(value format) == 1 ]] || stop "$manifest is of a format that this version does not know"
  listed=$(sed -n 's/^[0-9a-f]\{64\} [ *]//p' "$manifest" | tr '\n' ' ')
  [[ $listed == "inference.dump mlflow.dump mlflow-files.tar " ]] || stop "$manifest does not name the three files"
  (cd "$folder" && grep -E '^[0-9a-f]{64} ' manifest.txt | check_sums >/dev/null 2>&1) ||
    stop "a file of $folder is not what the manifest says"
  # An older schema is brought up to date by the migrations; a newer one is known to a newer version only.
  compgen -G "services/inference/migrations/versions/$(value migration)_*.py" >/dev/null ||
    stop "the backup is of another version: migration $(value migration) is not known here"
}

count_tables() {
  ask "$1" "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
}

require_leave() {
  local running
  running=$(docker compose ps --services --status running | grep -vxE 'db|' | tr '\n' ' ' || true)
  if [[ $is_sure == no ]]; then
    [[ -z $running ]] || stop "still running: ${running}(docker compose stop, or --yes)"
    return
  fi
  # shellcheck disable=SC2086
  [[ -z $running ]] || docker compose stop $running
}

require_empty() {
  local found
  found=$(($(count_tables inference) + $(count_tables mlflow)))
  [[ $is_sure == yes || $found == 0 ]] || stop "there is something in the databases already; --yes replaces it"
}

make_roles() {
  in_db bash /docker-entrypoint-initdb.d/10-roles.sh </dev/null >/dev/null || stop "the roles could not be made"
}

# Beside the one that is there. Whose each thing is, the role says that it is made as; who else may use it, the dump.
fill() { # DATABASE OWNER
  ask postgres "DROP DATABASE IF EXISTS restored_$1 WITH (FORCE)"
  ask postgres "CREATE DATABASE restored_$1 OWNER $2 TEMPLATE template0"
  ask postgres "REVOKE ALL ON DATABASE restored_$1 FROM PUBLIC"
  in_db pg_restore --username postgres --dbname "restored_$1" --no-owner --role "$2" --single-transaction \
    --exit-on-error <"$folder/$1.dump" || stop "the database $1 could not be restored; what was there is untouched"
}

put_in_place() { # DATABASE
  ask postgres "DROP DATABASE IF EXISTS $1 WITH (FORCE)"
  ask postgres "ALTER DATABASE restored_$1 RENAME TO $1"
}

put_files_in_place() {
  local expected found
  expected=$(tar -tf "$folder/mlflow-files.tar" | grep -vc '/$' || true)
  found=$(docker compose run --rm --no-deps -T --entrypoint sh mlflow -c \
    'cd /var/lib/mlflow && find . -mindepth 1 -delete && tar --extract --file - >&2 && find . ! -type d | wc -l' \
    <"$folder/mlflow-files.tar") || stop "MLflow's files could not be restored; the databases are. Run this again with --yes"
  [[ $((found)) == "$expected" ]] || stop "of MLflow's $expected files $((found)) were restored. Run this again with --yes"
}

docker compose version >/dev/null 2>&1 || stop "docker compose is needed"
verify
require_leave
docker compose up --detach --wait --no-deps db
server=$(ask postgres "SELECT current_setting('server_version_num')::int / 10000")
made_by=$(value postgres)
((server >= ${made_by%%[!0-9]*})) || stop "the backup is of Postgres $made_by, and this is $server"
make_roles
require_empty
fill inference inference_owner
fill mlflow mlflow
put_in_place inference
put_in_place mlflow
make_roles
put_files_in_place
printf 'restored what was backed up at %s; go on with: docker compose up\n' "$(value begun_at)"
