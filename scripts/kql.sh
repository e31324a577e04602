#!/usr/bin/env bash
# Reads the queries for Azure with Microsoft's own Kusto language service, against the tables of Application Insights.
#
#   scripts/kql.sh             every .kql file under infra/azure; what is wrong is said as file:line:column
#   scripts/kql.sh FILE…       these
#   scripts/kql.sh --install   only the language service
#
# It is installed once, into .tools/kusto. After that nothing here needs a network.
# Ends with 77 where node or npm is not here, and with 69 where npm does not reach its registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pins=infra/lint/kusto
tools=.tools/kusto
give_up() { printf '%s\n' "${@:2}" >&2; exit "$1"; }

scripts/npm_tools.sh "$pins" "$tools" 'which read the queries for Azure'
[[ ${1:-} == --install ]] && exit
files=("$@")
if ((${#files[@]} == 0)); then
  while IFS= read -r file; do files+=("$file"); done < <(find infra/azure -name '*.kql' | sort)
  ((${#files[@]} > 0)) || give_up 1 'no .kql file under infra/azure'
fi
node "$pins/check.mjs" "$tools" "${files[@]}"
