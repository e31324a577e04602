#!/usr/bin/env bash
# Pushes the images of this commit to a registry, and writes down under which digests it keeps them.
#
#   scripts/publish.sh REGISTRY/PREFIX [--built] [--services "inference ui"] [--output images.json] [--release COMMIT]
#
# PREFIX/SERVICE is built once per service, from this checkout; --built takes what compose has built and tests have
# tried (air-paradis/SERVICE) instead. --release names what is not the commit that is checked out, or not it alone.
# EXTRAS="--extra ray" scripts/publish.sh … builds with extras what has any: the trainer (its Dockerfile says which).
set -euo pipefail

usage='usage: scripts/publish.sh REGISTRY/PREFIX [--built] [--services "…"] [--output FILE] [--release COMMIT]'
stop() { printf 'error: %s\n' "$*" >&2; exit 1; }
tell() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }

prefix='' services='inference ui mlflow trainer' output=images.json release='' built=''
while (($#)); do
  case $1 in
    --services | --output | --release)
      [[ $# -ge 2 && -n $2 ]] || stop "$1 needs a value; $usage"
      declare "${1#--}=$2"
      shift 2
      ;;
    --built) built=yes && shift ;;
    -*) stop "unknown option $1; $usage" ;;
    *) [[ -z $prefix ]] || stop "one REGISTRY/PREFIX only; $usage"; prefix=$1 && shift ;;
  esac
done
[[ $prefix =~ ^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$ ]] ||
  stop "REGISTRY/PREFIX must be such as ghcr.io/owner/air-paradis, in small letters, not '$prefix'; $usage"
[[ $output == /* ]] || output=$PWD/$output
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for service in $services; do
  [[ -f services/$service/Dockerfile ]] || stop "there is no services/$service/Dockerfile: which services, apart by blanks?"
done
command -v docker >/dev/null || stop "no docker here: install Docker, or run this where it is"
docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || stop "the Docker engine does not answer: is it started?"
if [[ -z $release ]]; then
  [[ -z $(git status --porcelain) ]] ||
    stop "the checkout has changes that are in no commit: commit them, or say by --release what this is"
  release=$(git rev-parse HEAD)
fi
[[ $release =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$ ]] || stop "--release must be a commit or a word that can be a tag, not '$release'"

build() { # SERVICE IMAGE
  local arguments=(--build-arg "RELEASE=$release")
  [[ -z ${PYTHON_IMAGE:-} ]] || arguments+=(--build-arg "PYTHON_IMAGE=$PYTHON_IMAGE")
  if [[ -n ${EXTRAS:-} ]] && grep -q '^ARG EXTRAS' "services/$1/Dockerfile"; then
    arguments+=(--build-arg "EXTRAS=$EXTRAS")
  fi
  tell "$1: is built"
  docker build --quiet "${arguments[@]}" --file "services/$1/Dockerfile" --tag "$2" . >/dev/null ||
    stop "$1 could not be built"
}

take_built() { # SERVICE IMAGE
  local source=air-paradis/$1 baked
  docker image inspect "$source" >/dev/null 2>&1 || stop "there is no image $source: docker compose build"
  # The deployment waits until the address names this release.
  if grep -q '^ARG RELEASE' "services/$1/Dockerfile"; then
    baked=$(docker image inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$source" |
      sed -n 's/^INFERENCE_RELEASE=//p')
    [[ $baked == "$release" ]] ||
      stop "$source says that it is release '$baked', not '$release': RELEASE=$release docker compose build"
  fi
  docker tag "$source" "$2"
}

push() { # SERVICE IMAGE; prints the digest
  local said status=0
  said=$(docker push "$2" 2>&1) || status=$?
  if ((status)); then
    printf '%s\n' "$said" >&2
    case $said in
      *unauthorized* | *denied* | *"no basic auth"* | *"authentication required"*)
        stop "$1 was not taken: sign in first (docker login ${prefix%%/*}), as somebody who may write there" ;;
    esac
    stop "$1 could not be pushed to $2"
  fi
  grep -oE 'digest: sha256:[0-9a-f]{64}' <<<"$said" | tail -n 1 | sed 's/^digest: //'
}

lines=()
for service in $services; do
  image=$prefix/$service:$release
  if [[ $built ]]; then take_built "$service" "$image"; else build "$service" "$image"; fi
  tell "$service: is pushed"
  digest=$(push "$service" "$image")
  [[ $digest ]] || stop "$service: the registry has named no digest"
  tell "$service: $prefix/$service@$digest"
  lines+=("    \"$service\": \"$prefix/$service@$digest\"")
done

{
  printf '{\n  "release": "%s",\n  "images": {\n' "$release"
  for ((number = 0; number < ${#lines[@]}; number++)); do
    ((number == 0)) || printf ',\n'
    printf '%s' "${lines[number]}"
  done
  printf '\n  }\n}\n'
} >"$output.part"
# By its name alone a list is known to be whole.
mv "$output.part" "$output"
tell "$output"
