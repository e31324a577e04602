"""A `docker` that stands in for containers: what they would run for a backup runs here, on a real Postgres."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.inference.roles import SECRETS, Roles, environment

ROOT = Path(__file__).parents[2]

DOCKER = r"""#!/bin/bash
# What is asked of Compose, one line each.
echo "$*" >>"$ASKED"
shift
verb=$1
shift
case $verb in
    ps) cat "$RUNNING"; exit ;;
    exec | run) ;;
    stop) : >"$RUNNING"; exit ;;
    *) exit ;;
esac
entrypoint=()
while [[ $1 == -* ]]; do
    case $1 in
        --user) shift ;;
        --entrypoint) shift; entrypoint=("$1") ;;
    esac
    shift
done
service=$1
shift
command=("${entrypoint[@]}" "$@")
command=("${command[@]//\/var\/lib\/mlflow/$FILES}")
[[ $service != "$AWAY" ]] || { echo "service \"$service\" is not running" >&2; exit 1; }
exec "${command[@]//\/docker-entrypoint-initdb.d/$ROOT/infra/postgres}"
"""


@dataclass(frozen=True)
class Containers:
    roles: Roles
    # Of this test alone.
    folder: Path

    @property
    def files(self) -> Path:
        """MLflow's volume."""
        return self.folder / "files"

    @property
    def running(self) -> Path:
        """The services that run, one a line."""
        return self.folder / "running"

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()

    def prepare(self) -> None:
        for name in ("bin", "files", "secrets"):
            (self.folder / name).mkdir()
        self.running.write_text("db\nmlflow\n")
        for name, content in SECRETS.items():
            (self.folder / "secrets" / name).write_text(content)
        docker = self.folder / "bin" / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)

    def run(self, script: str, *arguments: object, away: str = "") -> subprocess.CompletedProcess[str]:
        found = environment(self.roles.superuser_url)
        own = {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{found['PATH']}",
            "SECRETS": str(self.folder / "secrets"),
            "FILES": str(self.files),
            "RUNNING": str(self.running),
            "ASKED": str(self.folder / "asked"),
            "ROOT": str(ROOT),
            "AWAY": away,
        }
        command = [str(ROOT / "scripts" / script), *map(str, arguments)]
        return subprocess.run(
            command, env=found | own, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )
