"""What the workflows call is there, and they may do no more than they need. Their steps are run by
test_workflow_scripts.py."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.contract.workflows import FILES, JOBS, ON, ROOT, SCRIPTS, STEPS, WORKFLOWS, Step, expressions
from trainer.candidates import CANDIDATES

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
VERBS: dict[str, str] = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE))
SHELLCHECK = ROOT / ".tools" / "lint" / "bin" / "shellcheck"
# Beyond reading the contents; everything else may do that alone.
GRANTS = {
    ("deploy", "publish"): {"contents: read", "packages: write", "id-token: write"},
    ("deploy", "deploy"): {"contents: read", "id-token: write"},
    ("model", "propose"): {"contents: write", "pull-requests: write"},
}
ENVIRONMENTS = {
    ("deploy", "publish"): "images",
    ("deploy", "deploy"): "production",
    ("model", "propose"): "model-promotion",
}
each_script = pytest.mark.parametrize("step", SCRIPTS, ids=lambda step: step.name)
each_job = pytest.mark.parametrize("job", JOBS, ids=", ".join)


def verbs(script: str) -> list[str]:
    return re.findall(r"\bmake ([a-z-]+)", script)


# --- what is called


def test_they_are_three() -> None:
    assert sorted(WORKFLOWS) == ["ci", "deploy", "model"]


@each_script
def test_its_verbs_are_in_the_makefile(step: Step) -> None:
    assert [verb for verb in verbs(step.script) if verb not in VERBS] == []


@each_script
def test_what_it_names_is_here(step: Step) -> None:
    named = re.findall(r"(?<![\w/.])((?:scripts|tests|infra)/[\w./*-]+)", step.script)
    assert [path for path in named if not [*ROOT.glob(path)]] == []
    modules = re.findall(r"-m (scripts\.\w+)", step.script)
    assert [each for each in modules if not [*ROOT.glob(f"{each.replace('.', '/')}*")]] == []


@each_job
def test_a_cache_is_named_after_files_that_are_here(job: tuple[str, str]) -> None:
    """hashFiles of nothing is no error: the key would be the same for ever."""
    lists = [found for each in expressions(JOBS[job]) for found in re.findall(r"hashFiles\((.*?)\)", each)]
    assert [path for found in lists for path in re.findall(r"'(.*?)'", found) if not (ROOT / path).is_file()] == []


def test_it_calls_what_people_call() -> None:
    called = {verb for step in SCRIPTS if step.workflow == "ci" for verb in verbs(step.script)}
    assert called >= {"check", "test-all", "isolation", "bert", "stack", "audit"}


def test_each_service_with_code_of_ours_is_installed_alone() -> None:
    alone = [each["service"] for each in JOBS["ci", "isolation"]["strategy"]["matrix"]["include"]]
    assert set(alone) == {folder.parent.name for folder in (ROOT / "services").glob("*/src")}


def test_the_candidates_to_choose_from_are_known() -> None:
    given = WORKFLOWS["model"][ON]["workflow_dispatch"]["inputs"]["candidate"]
    assert given["default"] in given["options"]
    assert set(given["options"]) <= set(CANDIDATES)


# --- scripts


@each_script
def test_it_is_bash(step: Step) -> None:
    said = subprocess.run(["bash", "-n"], input=step.script, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.skipif(not SHELLCHECK.exists(), reason="no shellcheck in .tools/lint: scripts/lint.sh --install")
@each_script
def test_shellcheck_finds_nothing(step: Step) -> None:
    command = [str(SHELLCHECK), "--shell", "bash", "-"]
    said = subprocess.run(command, input=step.script, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


@each_script
def test_nothing_is_written_into_its_text(step: Step) -> None:
    """What somebody types in a form arrives as a variable: it is never read as code, by bash or by make."""
    assert [*expressions(step.script)] == []
    typed = [name for name, value in step.given.get("env", {}).items() if "inputs." in str(value)]
    recipes = "".join(VERBS[verb] for verb in verbs(step.script))
    assert [name for name in typed if f"$({name})" in recipes or f"$(or $({name})" in recipes] == []


def test_a_candidate_is_no_code_for_make(tmp_path: Path) -> None:
    """The recipe as bash gets it, with names that would be commands."""
    spell = f"$(shell touch {tmp_path}/make)`touch {tmp_path}/bash`"
    said = subprocess.run(
        ["make", "--dry-run", "candidate"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "CANDIDATE": spell, "DATASET": spell},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"${CANDIDATE:-tfidf_logreg}" --dataset "${DATASET:-sample}"' in said.stdout
    assert [*tmp_path.iterdir()] == []


# --- what they may


@each_job
def test_a_job_may_do_what_it_needs_and_no_more(job: tuple[str, str]) -> None:
    assert {f"{what}: {how}" for what, how in JOBS[job].get("permissions", {}).items()} == GRANTS.get(job, set())


@each_job
def test_a_job_that_may_more_waits_for_people(job: tuple[str, str]) -> None:
    environment = JOBS[job].get("environment")
    name = environment["name"] if isinstance(environment, dict) else environment
    assert name == ENVIRONMENTS.get(job)


@each_job
def test_a_job_has_an_end_and_a_machine_of_one_kind(job: tuple[str, str]) -> None:
    given = JOBS[job]
    if "uses" in given:
        assert given == {"uses": "$/.github/workflows/ci.yml"}
        return
    assert given["runs-on"] == "ubuntu-24.04"
    assert 0 < given["timeout-minutes"] <= 350


@pytest.mark.parametrize("name", WORKFLOWS)
def test_two_runs_do_not_meet(name: str) -> None:
    group = WORKFLOWS[name]["concurrency"]
    # What is half deployed or half proposed is brought to its end.
    assert group["cancel-in-progress"] is (name == "ci")
    # A workflow that is called in the group of its caller would wait for itself.
    assert group["group"].startswith({"ci": "ci-", "model": "model", "deploy": "deploy-"}[name])


def test_no_checkout_keeps_its_token() -> None:
    checkouts = [step for step in STEPS if step.given.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) >= 10
    assert [step.name for step in checkouts if step.given["with"] != {"persist-credentials": False}] == []


def test_each_action_has_one_commit_and_says_its_version() -> None:
    lines = [
        line.strip() for file in FILES for line in file.read_text(encoding="utf-8").splitlines() if "uses: " in line
    ]
    pinned = [
        re.fullmatch(r"(?:- )?uses: ([\w-]+/[\w-]+)(/\w+)?@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", each) for each in lines
    ]
    others = [line for line, found in zip(lines, pinned, strict=True) if not found]
    assert others == ["uses: $/.github/workflows/ci.yml # of the same commit"]
    commits = {(found[1], found[3], found[4]) for found in pinned if found}
    assert len({action for action, _, _ in commits}) == len(commits)
    assert {action for action, _, _ in commits} == {
        "actions/cache",
        "actions/checkout",
        "actions/download-artifact",
        "actions/upload-artifact",
        "azure/login",
    }


def test_one_secret_is_known_and_only_where_people_agreed() -> None:
    found = {
        (job, name)
        for job, given in JOBS.items()
        for expression in expressions(given)
        for name in re.findall(r"\bsecrets\.(\w+)", expression)
    }
    assert found == {(("deploy", "deploy"), "DEPLOY_API_KEY")}
    tokens = {job for job, given in JOBS.items() if any("github.token" in each for each in expressions(given))}
    assert tokens == {("deploy", "publish"), ("model", "propose")}


# --- from a commit to an address


def test_nothing_is_published_untested_nor_deployed_unpublished() -> None:
    jobs = WORKFLOWS["deploy"]["jobs"]
    assert [jobs[name].get("needs") for name in ("tests", "publish", "deploy")] == [None, "tests", "publish"]
    assert "workflow_call" in WORKFLOWS["ci"][ON]
    assert not any("if" in jobs[name] for name in jobs), "a condition would let a job run after one that failed"


def test_a_release_takes_nothing_from_a_cache() -> None:
    assert [step.name for step in STEPS if step.workflow == "deploy" and "cache" in step.given.get("uses", "")] == []


def test_the_images_are_built_once_tried_and_then_pushed() -> None:
    scripts = [step.script for step in STEPS if (step.workflow, step.job) == ("deploy", "publish")]
    order = [
        next(n for n, script in enumerate(scripts) if what in script) for what in ("build", "make stack", "--built")
    ]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("workflow", "giver", "taker"), [("model", "candidate", "propose"), ("deploy", "publish", "deploy")]
)
def test_what_one_job_leaves_another_finds(workflow: str, giver: str, taker: str) -> None:
    def artifacts(job: str, action: str) -> list[str]:
        used = [step.given for step in STEPS if (step.workflow, step.job) == (workflow, job)]
        return [each["with"]["name"] for each in used if each.get("uses", "").startswith(f"actions/{action}-artifact@")]

    assert artifacts(giver, "upload") == artifacts(taker, "download") != []


def test_what_has_to_be_set_up_is_in_the_document() -> None:
    document = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in document.splitlines() if line.startswith("|"))
    used = {
        name
        for workflow in WORKFLOWS.values()
        for expression in expressions(workflow)
        for name in re.findall(r"\b(?:vars|secrets)\.(\w+)", expression)
    }
    assert used >= {"AZURE_CLIENT_ID", "DEPLOY_API_KEY"}
    assert sorted(name for name in {*used, *ENVIRONMENTS.values()} if f"`{name}`" not in rows) == []
