#!/usr/bin/env bash
# Installs one service alone, as its image does, and imports all that its code imports: what it never asked for is not there.
#
#   scripts/isolation.sh [SERVICE…]                              default: every service that has code of ours
#   EXTRAS="networks trees" scripts/isolation.sh trainer         with extras of its pyproject.toml
#
# The environments stay in .tools/isolation and are made what uv.lock says each time; packages come from uv's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
read -ra extras <<<"${EXTRAS:-}"

stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

[[ -x .tools/uv && -x .venv/bin/python ]] || stop "uv and .venv are not there yet: scripts/setup.sh run"
services=("$@")
if ((${#services[@]} == 0)); then
  for package in services/*/src; do services+=("$(basename "$(dirname "$package")")"); done
fi

for service in "${services[@]}"; do
  [[ -d services/$service/src ]] || stop "services/$service has no code of ours; give one of: $(cd services && echo */src | sed 's|/src||g')"
  environment=$PWD/.tools/isolation/$service
  options=(--quiet --frozen --no-dev --no-python-downloads --python .venv/bin/python --package "$service")
  for extra in "${extras[@]}"; do options+=(--extra "$extra"); done
  UV_PROJECT_ENVIRONMENT=$environment .tools/uv sync "${options[@]}" ||
    stop "$service could not be installed alone: is the package index reachable?"
  # -I: nothing of this checkout is on its path but what was installed.
  "$environment/bin/python" -I scripts/isolation.py "services/$service" "${extras[@]}"
done
