"""Which licences the images may carry, and whether the list of them is fresh."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import licences
from scripts.licences import EXTRAS, Exempt, Package, Policy, complaints, document, find_licences, read_policy

ROOT = Path(__file__).resolve().parents[2]
needs_uv = pytest.mark.skipif(not (ROOT / ".tools" / "uv").exists(), reason="no .tools/uv: scripts/setup.sh dev")


def policy(**changes: Any) -> Policy:
    given = {"allowed": frozenset({"MIT", "BSD-3-Clause"}), "exceptions": {}, "read": {}, "spellings": {}}
    return Policy(**(given | changes))


@pytest.mark.parametrize("licence", ["MIT", "MIT AND BSD-3-Clause", "MIT OR Proprietary"])
def test_a_permissive_licence_is_allowed(licence: str) -> None:
    assert policy().refuses("some", licence) is None


@pytest.mark.parametrize("licence", ["MIT AND Proprietary", "SSPL-1.0", "LGPL-3.0-only", "MPL-2.0", ""])
def test_any_other_licence_has_to_be_named(licence: str) -> None:
    assert "some" in (policy().refuses("some", licence) or "")


def test_an_exception_is_for_one_package_under_one_licence() -> None:
    exempt = policy(exceptions={"some": Exempt("MPL-2.0", "a reason")})
    assert exempt.refuses("some", "MPL-2.0") is None
    assert exempt.refuses("other", "MPL-2.0") is not None
    assert exempt.refuses("some", "SSPL-1.0") == "some: now SSPL-1.0, was looked at as MPL-2.0"


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only"])
def test_gpl_is_refused_even_as_an_exception(licence: str) -> None:
    assert (
        policy(exceptions={"some": Exempt(licence, "a reason")}).refuses("some", licence)
        == f"some: {licence} is refused"
    )


def test_every_exception_has_a_reason() -> None:
    assert [name for name, each in read_policy().exceptions.items() if len(each.reason) < 20] == []


def test_an_entry_that_nothing_needs_any_more_is_told() -> None:
    leftover = policy(read={"gone": "MIT"})
    assert list(complaints({Package("some", "1"): "MIT"}, leftover)) == [
        "gone is in licences.toml, and in no image any more"
    ]


def test_what_is_not_installed_here_is_taken_from_the_document() -> None:
    elsewhere = Package("never-installed-anywhere", "1.0")
    assert find_licences({elsewhere}, "", policy()) == {elsewhere: ""}
    before = document({EXTRAS: {elsewhere}}, {elsewhere: "MIT"}, policy())
    assert find_licences({elsewhere}, before, policy()) == {elsewhere: "MIT"}
    # Of another version nothing is known.
    assert find_licences({Package(elsewhere.name, "2.0")}, before, policy()) == {Package(elsewhere.name, "2.0"): ""}


@needs_uv
def test_the_list_of_licences_is_fresh() -> None:
    command = [sys.executable, "scripts/licences.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


@needs_uv
def test_a_stale_list_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "licences.md"
    fresh = licences.DOCUMENT.read_text(encoding="utf-8")
    stale.write_text(fresh.replace("| MIT |", "| BSD |", 1), encoding="utf-8")
    monkeypatch.setattr(licences, "DOCUMENT", stale)
    monkeypatch.setattr(sys, "argv", ["licences.py", "--check"])
    assert licences.main() == 1
    assert capsys.readouterr().err == "error: licences.md is stale: make licences\n"
    monkeypatch.setattr(sys, "argv", ["licences.py"])
    assert licences.main() == 0
    assert stale.read_text(encoding="utf-8") == fresh
