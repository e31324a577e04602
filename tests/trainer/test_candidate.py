"""`make candidate` as it is typed: fitted, compared, judged beside models/champion, and left for a pull request."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.candidate.__main__ import LEFT, clear
from trainer.bundle import load_bundle
from trainer.figures import table
from trainer.gate import Verdict

ROOT = Path(__file__).resolve().parents[2]
# Limits that anything passes.
LOOSE = {
    f"TRAINER_GATE_{name}": "1"
    for name in ("MACRO_F1_FALL_SMALL", "NEGATIVE_FLIPS_SMALL", "BEHAVIOUR_FALL", "GOLDEN_CHANGES")
}


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Where no published set is: our own tweets alone are learned and asked."""
    command = [sys.executable, "-m", "scripts.candidate", *words, "--folder", str(folder)]
    known = os.environ | {"TRAINER_DATA_DIR": str(folder / "none"), **variables}
    return subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refused")
    said = make(folder, "tfidf_logreg", "--dataset", "sample")
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1].endswith(f"checks failed: {folder / 'summary.md'}")
    return folder


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("passed")
    said = make(folder, "tfidf_logreg", "--dataset", "sample", **LOOSE)
    assert said.returncode == 0, said.stderr
    return folder


def verdict_in(folder: Path) -> Verdict:
    return Verdict.model_validate_json((folder / "verdict.json").read_bytes())


def test_a_candidate_that_is_worse_is_refused_and_that_is_no_error(refused: Path) -> None:
    verdict, bundle = verdict_in(refused), load_bundle(refused / "bundle")
    assert not verdict.passed
    assert verdict.digest == bundle.digest
    assert verdict.against_digest == load_bundle(ROOT / "models" / "champion").digest
    assert {"behaviours", "golden tweets"} <= {check.name for check in verdict.failed}
    assert not (refused / "README.md").exists()


def test_the_summary_has_the_verdict_and_the_comparison(refused: Path) -> None:
    summary, verdict = (refused / "summary.md").read_text(encoding="utf-8"), verdict_in(refused)
    failed = f"{len(verdict.failed)} of {len(verdict.checks)} checks failed"
    assert summary.startswith(f"# tfidf_logreg on sample: refused by the gate, {failed}\n")
    for check in verdict.checks:
        assert f"| {check.name} | {'passed' if check.passed else 'REFUSED'} | {check.found} |" in summary
    assert "| champion (bigru_distilled) | 0.654 (0.601 to 0.703) |" in summary
    assert "| bundle (tfidf_logreg) |" in summary
    assert "![" not in summary, "a plot beside the summary is not shown where the summary is"
    assert "trainer promote" not in summary


def test_one_that_passed_comes_with_the_readme_it_needs(passed: Path) -> None:
    assert verdict_in(passed).passed
    readme = (passed / "README.md").read_text(encoding="utf-8")
    assert table(load_bundle(passed / "bundle").card.metrics) in readme
    before = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.split("<!-- end of figures -->")[1] == before.split("<!-- end of figures -->")[1]
    assert "passed the gate" in (passed / "summary.md").read_text(encoding="utf-8").splitlines()[0]


def test_a_set_that_nobody_serves_ends_it_with_where_it_is(tmp_path: Path) -> None:
    said = make(tmp_path, "tfidf_logreg", "--dataset", "sample+us_airline:4")
    assert said.returncode == 1
    assert "us_airline has no direct download we know of; get it from: https://www.kaggle.com/" in said.stderr
    assert not (tmp_path / "bundle").exists()


def test_what_was_made_before_goes_and_the_rest_stays(tmp_path: Path) -> None:
    for name in ("bundle", "mlflow", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / "verdict.json").touch()
    clear(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["notes"]
    assert "bundle" in LEFT


# --- the pull request


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with what the proposal changes, as a workflow checks it out."""
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    for name in ("models/champion", "scripts", "README.md"):
        (clone / name).parent.mkdir(exist_ok=True, parents=True)
        subprocess.run(["cp", "-R", str(ROOT / name), str(clone / name)], check=True)
    git(clone, "checkout", "--quiet", "-B", "main")
    git(clone, "add", "README.md", "models", "scripts/propose.sh")
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "first")
    git(clone, "push", "--quiet", "origin", "main")
    return clone


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def propose(clone: Path, folder: Path) -> tuple[int, str, list[list[str]]]:
    """What it said, and how GitHub's command was called: a stand-in writes that down."""
    calls = clone.parent / "calls"
    calls.unlink(missing_ok=True)
    gh = clone.parent / "bin" / "gh"
    gh.parent.mkdir(exist_ok=True)
    writes = f"import json, sys; open({str(calls)!r}, 'a').write(json.dumps(sys.argv[1:]) + chr(10))"
    keeps = f"'--body-file' in sys.argv and open({str(calls)!r} + '.body', 'w').write(open(sys.argv[-1]).read())"
    gh.write_text(f"#!{sys.executable}\n{writes}\n{keeps}\n", encoding="utf-8")
    gh.chmod(0o755)
    known = os.environ | {"PATH": f"{gh.parent}:{os.environ['PATH']}", "PROPOSED_BY": "a run"}
    command = ["bash", "scripts/propose.sh", str(folder)]
    said = subprocess.run(command, cwd=clone, env=known, capture_output=True, text=True, check=False)
    called = [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
    return said.returncode, said.stdout + said.stderr, called


def test_one_that_passed_is_proposed_as_a_branch_of_its_own(clone: Path, passed: Path) -> None:
    digest = verdict_in(passed).digest[:12]
    status, said, calls = propose(clone, passed)
    assert status == 0, said
    branch = f"champion/{digest}"
    assert [call[:2] for call in calls] == [["auth", "setup-git"], ["pr", "create"]]
    assert calls[1][2:8] == ["--base", "main", "--head", branch, "--title", "Champion: tfidf_logreg on sample"]
    changed = git(clone, "diff", "--name-only", "origin/main", f"origin/{branch}").split()
    assert changed == ["README.md", *(f"models/champion/{file}" for file in ("model.json", "model.onnx"))] + [
        f"models/champion/{file}" for file in ("tokenizer.json", "training.json")
    ]
    assert load_bundle(clone / "models" / "champion").digest[:12] == digest
    body = (clone.parent / "calls.body").read_text(encoding="utf-8")
    assert body.startswith("# tfidf_logreg on sample: passed the gate") and body.endswith("\nProposed by a run\n")
    # The next Monday.
    git(clone, "checkout", "--quiet", "main")
    assert propose(clone, passed) == (0, f"{branch} was proposed before\n", [["auth", "setup-git"]])


def test_one_that_was_refused_is_not_proposed(clone: Path, refused: Path) -> None:
    assert propose(clone, refused) == (1, f"error: the gate did not pass what lies in {refused}\n", [])
    assert git(clone, "branch", "--list", "--all", "*champion*") == ""


def test_the_champion_itself_is_no_proposal(clone: Path, passed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "same"
    subprocess.run(["cp", "-R", str(passed), str(folder)], check=True)
    subprocess.run(["cp", "-R", *map(str, (ROOT / "models/champion").iterdir()), str(folder / "bundle")], check=True)
    subprocess.run(["cp", str(ROOT / "README.md"), str(folder)], check=True)
    status, said, calls = propose(clone, folder)
    assert (status, said, calls) == (0, "models/champion is this bundle already: there is nothing to propose\n", [])
