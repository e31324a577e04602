"""docs/deployment.md, word for word, but for what needs a subscription: a registry and a container stand in for those.

make stack PYTEST_ARGS="tests/stack/test_deployment_document.py -s"
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.deployment_document import read_blocks
from tests.deploy.registry import registry, skip_without_parts
from tests.stack.free_plan import ENVIRONMENT
from tests.stack.stack import copy_tree, docker, free_port, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1200)]

SITE = "air-paradis-document-site"
BLOCKS = read_blocks()
FIRST_MARKED = next(number for number, block in enumerate(BLOCKS) if block.needs_a_subscription)
# What somebody types before there is anything in the subscription, and after.
BEFORE = [block.code for block in BLOCKS[1:FIRST_MARKED]]
AFTER = [block.code for block in BLOCKS[FIRST_MARKED:] if not block.needs_a_subscription]
NAMES = BLOCKS[0].code


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This tree as one commit, as a clone would be."""
    folder = tmp_path / "air-paradis"
    copy_tree(folder)
    identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    for command in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "--message", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    skip_without_parts()
    with registry(tmp_path) as address:
        yield address
        pushed = subprocess.check_output(["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"], text=True)
        for image in re.findall(rf"^{re.escape(address)}/\S+$", pushed, re.MULTILINE):
            docker("image", "rm", "--force", image)


@pytest.fixture
def remove_site() -> Iterator[None]:
    yield
    subprocess.run(["docker", "rm", "--force", SITE], capture_output=True, check=False)


def shell(checkout: Path, variables: str, blocks: list[str]) -> str:
    script = "\n".join(["set -euo pipefail", NAMES, variables, *blocks])
    said = subprocess.run(
        ["bash"], cwd=checkout, input=script, capture_output=True, text=True, timeout=900, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def start_site(checkout: Path, image: str) -> str:
    """The API as Azure would start it with what `make azure-parameters` wrote; its address."""
    content = json.loads((checkout / "secrets" / "azure" / "app-service.json").read_text(encoding="utf-8"))
    given = {name: each["value"] for name, each in content["parameters"].items()}
    assert given["inferenceImage"] == image
    own = {
        "INFERENCE_API_KEYS": given["apiKeys"],
        "INFERENCE_SUBJECT_KEY": given["subjectKey"],
        "INFERENCE_SQLITE_COPY": "",
    }
    variables = [word for name, value in (ENVIRONMENT | own).items() for word in ("--env", f"{name}={value}")]
    port = free_port()
    docker("run", "--detach", "--name", SITE, "--publish", f"127.0.0.1:{port}:8000", *variables, image)
    ready = ["curl", "-fsS", f"http://127.0.0.1:{port}/health/ready"]
    wait_until(lambda: subprocess.run(ready, capture_output=True, check=False).returncode == 0, 60)
    return f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("remove_site")
def test_what_it_says_can_be_typed(checkout: Path, host: str) -> None:
    told = shell(checkout, f"export REGISTRY={host}/you/air-paradis", BEFORE)
    sys.stdout.write(told)
    published = json.loads((checkout / "images.json").read_text(encoding="utf-8"))
    address = start_site(checkout, published["images"]["inference"])
    said = shell(checkout, f"export API={address}", AFTER)
    sys.stdout.write(said)
    assert f'"release":"{published["release"]}"' in said
    assert '"label":"negative"' in said
    assert said.count('"verdict":"rejected"') == 3
    assert '"rule":"burst","state":"open"' in said
