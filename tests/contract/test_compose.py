"""The compose file and its example of variables say the same."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def test_every_variable_is_in_the_example_with_the_same_default() -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert used == example
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) == set(used)


def test_ports_are_published_on_this_machine_only() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_callers_reach_the_api_through_the_edge_only() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    assert "ports" not in services["inference"]
    assert services["edge"]["ports"] == ["127.0.0.1:${INFERENCE_PORT:-8000}:8000"]
    assert services["ui"]["environment"]["UI_API_URL"] == "http://edge:8000"
    # Whoever waits for the service could not say that it is away.
    assert "depends_on" not in services["edge"]
    assert services["edge"]["read_only"] is True
    assert services["edge"]["volumes"] == ["./infra/edge:/etc/edge:ro"]


def test_the_service_has_longer_to_stop_than_it_needs() -> None:
    gunicorn = (ROOT / "services" / "inference" / "gunicorn.conf.py").read_text(encoding="utf-8")
    [drain] = re.findall(r"^graceful_timeout = (\d+)$", gunicorn, re.MULTILINE)
    inference = yaml.safe_load(COMPOSE)["services"]["inference"]
    assert int(inference["stop_grace_period"].removesuffix("s")) > int(drain)


def test_the_database_is_reached_by_containers_only() -> None:
    compose = yaml.safe_load(COMPOSE)
    assert compose["networks"]["data"] == {"internal": True}
    assert compose["services"]["db"]["networks"] == ["data"]


def test_the_images_are_pinned() -> None:
    assert "latest" not in COMPOSE
    for dockerfile in (ROOT / "services").glob("*/Dockerfile"):
        content = dockerfile.read_text(encoding="utf-8")
        assert "ARG PYTHON_IMAGE=python:3.11-slim-bookworm" in content
        assert "USER 10001" in content
