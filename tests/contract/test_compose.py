"""The compose file and its example of variables say the same."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]


def test_every_variable_is_in_the_example_with_the_same_default() -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert used == example
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) == set(used)


def test_ports_are_published_on_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_callers_reach_everything_through_the_edge_only() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"edge"}
    assert SERVICES["ui"]["environment"]["UI_API_URL"] == "http://edge:8000"
    # Whoever waits for the service could not say that it is away.
    assert "depends_on" not in SERVICES["edge"]
    assert SERVICES["edge"]["volumes"] == ["./infra/edge:/etc/edge:ro"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_shut_as_far_as_it_can_be(service: str) -> None:
    """What Docker makes of it is asked of the running containers: tests/stack/test_hardening.py."""
    described = SERVICES[service]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"] and "cap_add" not in described
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert described["init"] is True
    assert described["user"] == ("postgres" if service == "db" else "10001:10001")
    assert {"pids_limit", "mem_limit", "cpus", "logging", "restart", "stop_grace_period"} <= described.keys()
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & described.keys()


def mounts(service: dict[str, Any]) -> list[str]:
    return [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", mount) for mount in service.get("volumes", [])]


@pytest.mark.parametrize("service", SERVICES)
def test_what_comes_from_this_checkout_is_read_only(service: str) -> None:
    assert all(mount.endswith(":ro") for mount in mounts(SERVICES[service]) if mount.startswith("."))


def test_every_secret_is_a_file_that_is_there_and_somebody_reads_it() -> None:
    compose = yaml.safe_load(COMPOSE)
    files = {name: secret["file"] for name, secret in compose["secrets"].items()}
    assert files.pop("sign-in") == "${UI_SIGN_IN_FILE:-/dev/null}"
    assert files == {name: "${SECRETS_DIR:-./infra/local-secrets}/" + name for name in files}
    assert {file.name for file in (ROOT / "infra" / "local-secrets").iterdir()} == set(files)
    read = [each for service in SERVICES.values() for each in service.get("secrets", [])]
    assert {each if isinstance(each, str) else each["source"] for each in read} == set(compose["secrets"])


def test_the_pages_take_what_the_page_batch_takes() -> None:
    """A file, and the form around it."""
    pages = (ROOT / "infra" / "edge" / "pages.conf").read_text(encoding="utf-8")
    config = tomllib.loads((ROOT / "services/ui/src/ui/.streamlit/config.toml").read_text(encoding="utf-8"))
    [limit] = re.findall(r"client_max_body_size (\d+)m;\n\n    location / \{\n        set \$pages", pages)
    assert int(limit) == config["server"]["maxUploadSize"] + 1


def test_the_service_has_longer_to_stop_than_it_needs() -> None:
    gunicorn = (ROOT / "services" / "inference" / "gunicorn.conf.py").read_text(encoding="utf-8")
    [drain] = re.findall(r"^graceful_timeout = (\d+)$", gunicorn, re.MULTILINE)
    assert int(SERVICES["inference"]["stop_grace_period"].removesuffix("s")) > int(drain)


def test_nobody_has_a_way_out_unless_somebody_opens_one() -> None:
    networks = yaml.safe_load(COMPOSE)["networks"]
    ways_out = {name for name, network in networks.items() if network.get("internal") is not True}
    assert ways_out == {"edge", "outbound"}
    assert networks["outbound"] == {"internal": "${OUTBOUND_CLOSED:-true}"}
    assert {name for name, service in SERVICES.items() if "edge" in service["networks"]} == {"edge"}
    assert {name for name, service in SERVICES.items() if "outbound" in service["networks"]} == {"inference", "ui"}
    assert SERVICES["db"]["networks"] == ["data"]


@pytest.mark.parametrize("files", [(), ("docker-compose.dev.yml",)], ids=["alone", "for development"])
@pytest.mark.parametrize("example", [False, True], ids=["without .env", "with .env"])
def test_compose_reads_it(files: tuple[str, ...], example: bool, tmp_path: Path) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Compose v2 here")
    env_file = ROOT / ".env.example" if example else tmp_path / "none"
    env_file.touch()
    given = [option for file in ("docker-compose.yml", *files) for option in ("--file", file)]
    command = ["docker", "compose", "--env-file", str(env_file), *given, "config", "--format", "json"]
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    assert set(json.loads(answer.stdout)["services"]) == set(SERVICES)


def test_the_images_are_pinned() -> None:
    assert "latest" not in COMPOSE
    for dockerfile in (ROOT / "services").glob("*/Dockerfile"):
        content = dockerfile.read_text(encoding="utf-8")
        assert "ARG PYTHON_IMAGE=python:3.11-slim-bookworm" in content
        assert "USER 10001" in content
