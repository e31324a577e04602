#!/usr/bin/env bash
# Installs what a folder's package-lock.json pins, for checks and tests: scripts/npm_tools.sh PINS FOLDER "WHAT IT IS FOR"
#
# Once: after that nobody is asked, until something else is pinned.
# Ends with 77 where node or npm is not here, and with 69 where npm does not reach its registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pins=$1
tools=$2
purpose=$3
no_network='E(50[0-9]|NOTCACHED|NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|HOSTUNREACH|TIMEDOUT|SOCKETTIMEDOUT)|ERR_SOCKET'

give_up() { printf '%s\n' "${@:2}" >&2; exit "$1"; }

is_there() { [[ -d $tools/node_modules ]] && cmp -s "$pins/package-lock.json" "$tools/package-lock.json"; }

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  give_up 77 "skipped: node and npm are not here, $purpose; node 20 or newer has both (https://nodejs.org)"
fi
is_there && exit
printf 'installing what %s/package-lock.json pins into %s\n' "$pins" "$tools" >&2
mkdir -p "${tools%/*}"
made=$(mktemp -d "$tools-XXXXXX")
trap 'rm -rf "$made"' EXIT
cp "$pins/package.json" "$pins/package-lock.json" "$made"
# No code of a package runs while it is installed.
if ! said=$(cd "$made" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 2>&1); then
  grep -Eq "$no_network" <<<"$said" && give_up 69 "$said" 'npm does not reach its registry: connect once, and run this again'
  give_up 1 "$said" "npm could not install what $pins/package-lock.json pins"
fi
# Whole or not at all: another run may be reading it.
is_there && exit
rm -rf "$tools"
mv "$made" "$tools"
