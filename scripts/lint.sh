#!/usr/bin/env bash
# Reads what the containers, Azure and Kubernetes are made of: Dockerfiles, compose file, workflows, shell scripts, Bicep,
# alert queries, manifests; and looks for secrets.
#
#   scripts/lint.sh             everything; what fails is said at the end
#   scripts/lint.sh --install   only the tools
#   scripts/lint.sh --compile   pin the tools anew, with hashes, in infra/lint/requirements.txt
#
# The tools are installed once, into .tools/lint. After that nothing here needs a network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pins=infra/lint/requirements.txt
tools=$PWD/.tools/lint
failures=()

stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

compile() {
  .tools/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
    --custom-compile-command 'scripts/lint.sh --compile' infra/lint/requirements.in --output-file "$pins"
}

# Wheels only: no code of a package runs while it is installed.
install() {
  cmp -s "$pins" "$tools/requirements.txt" && return
  [[ -x .tools/uv && -x .venv/bin/python ]] || stop "uv and .venv are not there yet: scripts/setup.sh dev"
  printf 'installing the tools of %s into .tools/lint\n' "$pins" >&2
  rm -rf "$tools"
  .tools/uv venv --quiet --no-python-downloads --python .venv/bin/python "$tools"
  .tools/uv pip sync --quiet --no-build --require-hashes --python "$tools/bin/python" "$pins" ||
    stop "the tools of $pins could not be installed: is the package index reachable, is there a wheel for this machine?"
  cp "$pins" "$tools/requirements.txt"
}

# Of what is in git, and what is about to be; stops where there is none, or else a check of nothing would pass.
files() { # files WHAT REGEX
  local found
  found=$(git ls-files --cached --others --exclude-standard | grep -E "$2" | while read -r each; do
    [[ -f $each ]] && printf '%s\n' "$each"
  done) || stop "no $1 found"
  printf '%s\n' "$found"
}

check() { # check WHAT COMMAND…; that ends with 77 where this machine lacks what it needs
  local what=$1 said status=0
  shift
  said=$("$@" 2>&1) || status=$?
  case $status in
    0) printf 'ok    %s\n' "$what" ;;
    77) printf 'skip  %s: %s\n' "$what" "$said" ;;
    *)
      printf 'FAILS %s\n%s\n\n' "$what" "$said"
      failures+=("$what")
      ;;
  esac
}

# checkov ends well where it understood none of the files.
policies() { # policies CONFIG "FRAMEWORKS" FILE…
  local said framework
  said=$("$tools/bin/checkov" --config-file "$1" --file "${@:3}" 2>&1) || { printf '%s\n' "$said"; return 1; }
  for framework in $2; do
    grep -A 2 "^$framework scan results" <<<"$said" | grep -Eq 'Passed checks: [1-9]' ||
      { printf 'checkov read no %s:\n%s\n' "$framework" "$said"; return 1; }
  done
}

case ${1:-} in
  --compile) compile; exit ;;
  --install) install; exit ;;
  "") install ;;
  *) stop "unknown: $1" ;;
esac

# Debian's, where the tools have no shellcheck of their own (Linux on ARM).
shellcheck=$tools/bin/shellcheck
[[ -x $shellcheck ]] || shellcheck=$(command -v shellcheck) || stop "shellcheck is not there; on Debian and Ubuntu: apt install shellcheck"

dockerfiles=$(files Dockerfiles '(^|/)Dockerfile$')
scripts=$(files 'shell scripts' '\.sh$|^\.ci/run$')
composes=$(files 'compose files' '^docker-compose[^/]*\.ya?ml$')
workflows=$(files workflows '^\.github/workflows/[^/]+\.ya?ml$')
biceps=$(files 'Bicep files' '\.bicep$')
manifests=$(files manifests '^infra/kubernetes/.*\.yaml$')
readarray -t dockerfiles <<<"$dockerfiles"
readarray -t scripts <<<"$scripts"
readarray -t composes <<<"$composes"
readarray -t workflows <<<"$workflows"
readarray -t biceps <<<"$biceps"
readarray -t manifests <<<"$manifests"

schema() { "$tools/bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}"; }

check 'Dockerfiles (hadolint)' "$tools/bin/hadolint" --config .hadolint.yaml "${dockerfiles[@]}"
check 'shell scripts (shellcheck)' "$shellcheck" --external-sources "${scripts[@]}"
check 'compose files (compose specification)' schema compose-spec "${composes[@]}"
check 'workflows (schema)' schema github-workflows "${workflows[@]}"
check 'dependabot.yml (schema)' schema dependabot .github/dependabot.yml
check 'workflows (zizmor)' "$tools/bin/zizmor" --offline --strict-collection --no-progress --quiet "${workflows[@]}" .github/dependabot.yml
check 'Dockerfiles, workflows (checkov)' policies .checkov.yaml 'dockerfile github_actions' "${dockerfiles[@]}" "${workflows[@]}"
check 'Bicep (two parsers, models of Azure)' "$tools/bin/python" infra/lint/bicep/check.py
check 'Bicep (checkov)' policies .checkov-bicep.yaml bicep "${biceps[@]}"
check 'Kubernetes (schemas)' "$tools/bin/python" infra/lint/kubernetes/check.py
check 'Kubernetes (checkov)' policies .checkov-kubernetes.yaml kubernetes "${manifests[@]}"
check 'queries for Azure (Kusto language service)' scripts/kql.sh
check 'secrets (detect-secrets)' "$tools/bin/python" scripts/secret_scan.py

((${#failures[@]} == 0)) || stop "${#failures[@]} of these checks failed; docs/supply-chain.md says what may be accepted, and how"
