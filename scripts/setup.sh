#!/usr/bin/env bash
# Finds Python and uv, and makes .venv what uv.lock says. Used by the Makefile.
#
#   scripts/setup.sh run    what the services need, and the trainer's classic candidate
#   scripts/setup.sh dev    the same, all candidates but BERT, and the test tools
#   scripts/setup.sh bert   the same and, with pip, torch: never in the lock, so that the machine chooses its build
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv_version=0.13.9

# Ctrl-C is no failure of the network. In subshells, which do not inherit it, too.
heed_interrupts() { trap 'exit 130' INT; }
heed_interrupts

stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

find_python() {
  local name
  for name in ${PYTHON:-python3.12 python3.11 python3.13 python3}; do
    # Its own name for itself, not that of a pyenv or asdf shim, at which uv would make .venv anew every time.
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit(1); print(sys.executable)' 2>/dev/null; then
      return
    fi
  done
  stop "Python 3.11, 3.12 or 3.13 is needed and was not found; install one, or name it: make PYTHON=/path/to/python3.11 ..."
}

is_recent() { # "uv 0.9.1 (...)": the lock and the build back end ask for 0.9
  [[ $1 =~ ^uv\ ([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= 9))
}

# uv is taken from the machine where one is there that is recent enough, else installed into .tools.
find_uv() {
  heed_interrupts
  if command -v uv >/dev/null 2>&1 && is_recent "$(uv --version 2>/dev/null)"; then
    command -v uv
    return
  fi
  if [[ ! -x .tools/venv/bin/uv ]]; then
    printf 'installing uv %s into .tools\n' "$uv_version" >&2
    "$1" -m venv .tools/venv >.tools/setup.log 2>&1 ||
      stop "$1 cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv (log: .tools/setup.log)"
    .tools/venv/bin/pip install --quiet --disable-pip-version-check "uv==$uv_version" >>.tools/setup.log 2>&1 ||
      stop "uv could not be installed: is the package index reachable? (log: .tools/setup.log)"
  fi
  printf '%s\n' "$PWD/.tools/venv/bin/uv"
}

mkdir -p .tools
python=$(find_python)
uv=$(find_uv "$python")
ln -sf "$uv" .tools/uv

options=(--frozen --all-packages --python "$python" --no-python-downloads)
# --inexact: `make run` after `make test` leaves the test tools where they are, and both leave torch.
options+=(--inexact)
[[ ${1:-run} == run ]] && options+=(--no-dev) || options+=(--all-extras)
# Progress for a person; for a script one line, and the rest in a log.
log=.tools/setup.log
failed="the packages could not be installed: is the package index reachable? Run the command again to go on where it stopped"
if [[ -t 2 ]]; then
  "$uv" sync "${options[@]}" || stop "$failed"
else
  printf 'installing what uv.lock says (log: %s)\n' "$log" >&2
  "$uv" sync "${options[@]}" 2>"$log" || stop "$failed (log: $log)"
fi

if [[ ${1:-run} == bert ]]; then
  "$uv" pip install --quiet --python .venv/bin/python pip
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r services/trainer/requirements-bert.txt ||
    stop "torch and transformers could not be installed: is the package index reachable?"
fi
