"""docs/deployment.md: each of its commands is run by tests/stack/test_deployment_document.py, or marked."""

import re
import shutil
import subprocess

import pytest

from tests.contract.deployment_document import DOCUMENT, ROOT, Block, commands, read_blocks

BLOCKS = read_blocks()
MARKED = [block for block in BLOCKS if block.needs_a_subscription]
each_block = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {block.line}")
EXTENSION = ["az", "monitor", "app-insights"]
# What only a subscription, or GitHub, can answer.
AWAY = r"\b(az|azd|gh) |\bmake deploy\b"


def test_every_block_of_code_is_read_and_is_for_a_shell() -> None:
    assert DOCUMENT.read_text(encoding="utf-8").count("\n```") == 2 * len(BLOCKS)
    assert {block.language for block in BLOCKS} == {"sh"}
    assert 5 <= len(MARKED) < len(BLOCKS)


@each_block
def test_it_is_marked_where_it_needs_a_subscription_and_nowhere_else(block: Block) -> None:
    assert bool(re.search(AWAY, "\n".join(commands(block)))) is block.needs_a_subscription


@each_block
def test_bash_understands_it(block: Block) -> None:
    said = subprocess.run(["bash", "-n"], input=block.code, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@each_block
def test_the_files_and_verbs_that_it_names_are_there(block: Block) -> None:
    named = re.findall(r"(?<![\w/@.-])((?:infra|scripts)/[\w./-]+)", block.code)
    assert [name for name in named if not (ROOT / name).exists()] == []
    verbs = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z-]+)", block.code)) <= set(verbs)


def test_what_is_given_to_a_bicep_file_is_a_parameter_of_it() -> None:
    seen = 0
    for command in (command for block in MARKED for command in commands(block)):
        for target in re.findall(r"az deployment group create .*infra/azure/([\w-]+)/main\.bicep", command):
            bicep = (ROOT / "infra" / "azure" / target / "main.bicep").read_text(encoding="utf-8")
            known = set(re.findall(r"^param (\w+)", bicep, re.MULTILINE))
            given = set(re.findall(r"(?<=\s)(\w+)=", command))
            assert given <= known
            seen += len(given)
    assert seen >= 4


def az_commands() -> list[str]:
    """Without what the shell would put in, and its pipes: what az itself is told."""
    found = []
    for command in (command for block in MARKED for command in commands(block)):
        # The innermost first; what is inside another is looked at by itself.
        while inner := re.search(r"\$\((az [^()]*)\)", command):
            found.append(inner[1])
            command = command.replace(inner[0], "VALUE")
        command = re.sub(r"\$\([^()]*\)", "VALUE", command)
        found += re.findall(r"^\s*(az .*)$", command)
    return found


@pytest.mark.skipif(shutil.which("az") is None, reason="no Azure CLI here")
@pytest.mark.parametrize("command", az_commands())
def test_the_azure_cli_knows_the_command_and_its_arguments(command: str) -> None:
    words = command.split()
    verb = words[: next((number for number, word in enumerate(words) if word.startswith("-")), len(words))]
    if verb[:3] == EXTENSION:
        pytest.skip("an extension of the CLI, which the document installs")
    said = subprocess.run([*verb, "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 0, said.stderr
    flags = re.findall(r"(?<=\s)--[a-z-]+", command)
    assert [flag for flag in flags if flag not in said.stdout] == []
