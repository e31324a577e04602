#!/usr/bin/env bash
# Writes what each image installs, as CycloneDX 1.5 with a hash for every file: var/sbom/SERVICE.json. From uv.lock alone.
#
#   scripts/sbom.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-var/sbom}
mkdir -p "$folder"

for dockerfile in services/*/Dockerfile; do
  service=$(basename "$(dirname "$dockerfile")")
  package=$(sed -n 's/^name = "\(.*\)"$/\1/p' "services/$service/pyproject.toml" | head -n 1)
  options=(--frozen --no-dev --package "$package" --format cyclonedx1.5 --preview-features sbom-export)
  # What the image does without, its list does without.
  while read -r left_out; do
    options+=(--no-emit-package "$left_out")
  done < <(grep -oE -- '--no-install-package[ =][^ ]+' "$dockerfile" | sed 's/.*[ =]//')
  .tools/uv export --quiet "${options[@]}" >"$folder/$service.json.part"
  mv "$folder/$service.json.part" "$folder/$service.json"
  printf '%s\n' "$folder/$service.json"
done
