"""What Docker says of the running containers, rule by rule, and what can be reached from each of them.

make stack PYTEST_ARGS="tests/stack/test_hardening.py"
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.stack import Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

# One network for each reason to talk: docker-compose.yml.
NETWORKS = {
    "edge": {"edge", "app", "registry"},
    "db": {"data"},
    "mlflow": {"data", "registry"},
    "mlflow-accounts": {"registry"},
    "trainer": {"app", "registry"},
    "drift": {"app", "registry"},
    "migrate": {"data"},
    "inference": {"app", "data", "registry", "outbound"},
    "ui": {"app", "outbound"},
}
ONE_SHOT = {"trainer", "migrate", "mlflow-accounts"}
WRITABLE = {
    "db": {"/var/lib/postgresql/data"},
    "mlflow": {"/var/lib/mlflow"},
    "trainer": {"/app/var"},
    "inference": {"/var/lib/inference"},
}
PORTS = {"8000/tcp", "8501/tcp", "5000/tcp"}
# Somebody who answers on the internet, wherever there is one.
OUTSIDE = "1.1.1.1:53"

Container = dict[str, Any]


@pytest.fixture(scope="module")
def containers(stack: Stack) -> dict[str, Container]:
    """By the names of their services, also those that have ended."""
    described = json.loads(docker("inspect", *stack.compose("ps", "--all", "--quiet").split()))
    return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in described}


@pytest.fixture(scope="module")
def running(containers: dict[str, Container]) -> dict[str, Container]:
    return {service: each for service, each in containers.items() if service not in ONE_SHOT}


def test_they_are_all_there(containers: dict[str, Container]) -> None:
    assert set(containers) == set(NETWORKS)


def test_the_root_is_read_only_and_what_is_written_has_a_volume(containers: dict[str, Container]) -> None:
    for service, each in containers.items():
        assert each["HostConfig"]["ReadonlyRootfs"] is True, service
        assert all("size=" in options for options in each["HostConfig"]["Tmpfs"].values()), service
        # A volume that an image declares, and that nobody named, is as good as none.
        named = [m for m in each["Mounts"] if not (m["Type"] == "volume" and len(m.get("Name", "")) == 64)]
        writable = {mount["Destination"] for mount in named if mount["RW"]}
        assert writable == WRITABLE.get(service, set()), service


def test_no_capability_no_privilege_and_no_way_to_new_ones(containers: dict[str, Container]) -> None:
    for service, each in containers.items():
        host = each["HostConfig"]
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert host["Privileged"] is False, service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["NetworkMode"] != "host" and host["PidMode"] == "" and host["IpcMode"] != "host", service
        assert not any("docker.sock" in mount["Source"] for mount in each["Mounts"]), service


def test_there_is_an_end_to_memory_processors_processes_and_logs(containers: dict[str, Container]) -> None:
    for service, each in containers.items():
        host = each["HostConfig"]
        assert 0 < host["Memory"] <= 8 * 1024**3, service
        assert 0 < host["NanoCpus"] <= 2_000_000_000, service
        assert 0 < host["PidsLimit"] <= 500, service
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "3", "max-size": "10m"}}, service


def test_each_ends_well_and_comes_back(containers: dict[str, Container]) -> None:
    for service, each in containers.items():
        assert each["HostConfig"]["Init"] is True, service
        assert each["Config"]["StopTimeout"] == 40, service
        wanted = "no" if service in ONE_SHOT else "unless-stopped"
        assert each["HostConfig"]["RestartPolicy"]["Name"] == wanted, service


def test_whoever_runs_on_is_watched(running: dict[str, Container]) -> None:
    # drift answers nobody: what it finds is in the API.
    assert {service for service, each in running.items() if "Health" not in each["State"]} == {"drift"}


def test_no_process_is_root(running: dict[str, Container]) -> None:
    for service, each in running.items():
        users = {line.split()[0] for line in docker("top", each["Id"], "-eo", "uid,pid,args").splitlines()[1:]}
        assert users, service
        assert "0" not in users, service
        assert each["Config"]["User"] == ("postgres" if service == "db" else "10001:10001"), service


def test_no_secret_is_in_an_environment(containers: dict[str, Container]) -> None:
    """Whoever may ask Docker what a container is sees its variables."""
    for service, each in containers.items():
        values = dict(pair.split("=", 1) for pair in each["Config"]["Env"])
        assert "local-only" not in values.values(), service
        named = {name for name in values if name.endswith(("PASSWORD", "_KEY", "TOKEN", "_URLS")) and values[name]}
        # Of a superuser who has none: infra/postgres/10-roles.sh.
        assert named <= {"POSTGRES_PASSWORD"}, service


def test_only_the_edge_is_published_and_on_this_machine_only(running: dict[str, Container]) -> None:
    for service, each in running.items():
        published = {
            port: bindings for port, bindings in (each["HostConfig"]["PortBindings"] or {}).items() if bindings
        }
        assert set(published) == (PORTS if service == "edge" else set()), service
        assert all(binding["HostIp"] == "127.0.0.1" for bindings in published.values() for binding in bindings), service


def test_each_is_on_the_networks_it_needs_and_one_of_them_leads_in(containers: dict[str, Container]) -> None:
    for service, each in containers.items():
        project = each["Config"]["Labels"]["com.docker.compose.project"]
        assert set(each["NetworkSettings"]["Networks"]) == {f"{project}_{name}" for name in NETWORKS[service]}, service
    for name in set().union(*NETWORKS.values()) - {"edge"}:
        assert json.loads(docker("network", "inspect", f"{project}_{name}"))[0]["Internal"] is True, name


CONNECT = """
import socket, sys
for target in sys.argv[1:]:
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
        print(target)
    except OSError:
        pass
"""
# For images without Python: bash can open a connection too.
CONNECT_BASH = """
for target in "$@"; do
    timeout 2 bash -c "exec 3<>/dev/tcp/${target%:*}/${target##*:}" 2>/dev/null && echo "$target"
done
true
"""


def addresses(running: dict[str, Container]) -> Iterator[tuple[str, str]]:
    """Service, and each address at which it could be reached, by whatever network."""
    ports = {"edge": (8000, 8501, 5000), "db": (5432,), "mlflow": (5000,), "inference": (8000,), "ui": (8501,)}
    for service, each in running.items():
        for network in each["NetworkSettings"]["Networks"].values():
            for port in ports.get(service, ()):
                yield service, f"{network['IPAddress']}:{port}"


def test_from_the_edge_network_only_the_proxy_answers(running: dict[str, Container]) -> None:
    project = running["edge"]["Config"]["Labels"]["com.docker.compose.project"]
    assert len(json.loads(docker("network", "inspect", f"{project}_edge"))[0]["Containers"]) == 1
    targets = {target: service for service, target in addresses(running)}
    options = ["run", "--rm", "--network", f"{project}_edge", "--entrypoint", "python", "air-paradis/inference"]
    answered = docker(*options, "-c", CONNECT, *targets).split()
    assert {targets[target] for target in answered} == {"edge"}
    here = running["edge"]["NetworkSettings"]["Networks"][f"{project}_edge"]["IPAddress"]
    assert {target.rpartition(":")[0] for target in answered} == {here}


def test_nobody_reaches_whom_they_share_no_network_with(stack: Stack, running: dict[str, Container]) -> None:
    targets = list(addresses(running))
    for service, each in running.items():
        mine = set(each["NetworkSettings"]["Networks"])
        strangers = {other for other in running if not mine & set(running[other]["NetworkSettings"]["Networks"])}
        wanted = [target for other, target in targets if other in strangers]
        assert reached_from(stack, service, wanted) == [], service


def test_nobody_reaches_the_outside(stack: Stack, running: dict[str, Container]) -> None:
    for service in running:
        assert reached_from(stack, service, [OUTSIDE]) == [], service


def test_a_container_of_another_network_would(stack: Stack) -> None:
    """What shows that the test above would notice, where there is an outside."""
    options = ["run", "--rm", "--entrypoint", "python", "air-paradis/inference", "-c", CONNECT, OUTSIDE]
    if not docker(*options).split():
        pytest.skip("this machine has no way to the internet")


def reached_from(stack: Stack, service: str, targets: list[str]) -> list[str]:
    if service in ("edge", "db"):
        return stack.compose("exec", "-T", service, "bash", "-c", CONNECT_BASH, "-", *targets).split()
    return stack.compose("exec", "-T", service, "python", "-c", CONNECT, *targets).split()


REFUSALS = """
import sys, psycopg2
password = open("/run/secrets/inference_database_password").read().strip()
for statement in sys.argv[1:]:
    connection = psycopg2.connect("postgresql://inference_api@db:5432/inference", password=password)
    try:
        connection.cursor().execute(statement)
        print("allowed")
    except psycopg2.Error as error:
        print(error.pgcode)
    connection.close()
"""
INSUFFICIENT_PRIVILEGE = "42501"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE predictions",
        "DELETE FROM predictions",
        "DELETE FROM feedback",
        "TRUNCATE feedback",
        "ALTER TABLE feedback ADD COLUMN mine text",
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE ROLE mine",
        "UPDATE alembic_version SET version_num = 'mine'",
        "COPY predictions TO PROGRAM 'cat'",
        "COPY predictions FROM PROGRAM 'cat'",
        "COPY predictions TO '/tmp/mine'",
        "SELECT pg_read_file('/etc/passwd')",
        "SET ROLE inference_owner",
    ],
)
def test_the_role_of_the_api_is_refused(stack: Stack, statement: str) -> None:
    said = stack.compose("exec", "-T", "inference", "python", "-c", REFUSALS, statement)
    assert said.split() == [INSUFFICIENT_PRIVILEGE]


def test_it_may_do_what_it_is_there_for(stack: Stack) -> None:
    """What shows that the refusals above are not those of a broken connection."""
    said = stack.compose("exec", "-T", "inference", "python", "-c", REFUSALS, "SELECT count(*) FROM predictions")
    assert said.split() == ["allowed"]


def test_the_superuser_has_no_way_in_but_the_socket(stack: Stack) -> None:
    over_the_network = """
import psycopg2
for password in ("", "taken-away-at-once", "local-only"):
    try:
        psycopg2.connect("postgresql://postgres@db:5432/postgres", password=password)
        print("in")
    except psycopg2.OperationalError:
        print("out")
"""
    said = stack.compose("exec", "-T", "inference", "python", "-c", over_the_network)
    assert set(said.split()) == {"out"}
