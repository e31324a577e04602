"""Apps and jobs on Container Apps: the migrations first, the jobs last, and back again where something is not well."""

import json
from pathlib import Path

import pytest

from tests.deploy.conftest import Deploy
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.releases import NEW, OLD, Published, name

FORWARD = [
    "PATCH jobs/migrate inference new",
    "POST jobs/migrate/start",
    "PATCH containerApps/mlflow mlflow new",
    "PATCH containerApps/inference inference new",
    "PATCH containerApps/ui ui new",
    "PATCH jobs/drift trainer new",
    "PATCH jobs/retrain trainer new",
    "PATCH jobs/score trainer new",
]
BACK = [line.replace("new", "old") for line in reversed(FORWARD) if line.startswith("PATCH")]
# What goes wrong, how many of the steps are begun then, and what is said.
BAD = {
    "migrations-fail": ("inference", {"run": "Failed"}, 2, "job migrate: its run migrate-1 has failed"),
    "mlflow-update-fails": ("mlflow", {"update": "Failed"}, 3, "container app mlflow: Azure could not do it"),
    "mlflow-revision-fails": ("mlflow", {"revision": "Failed"}, 3, "revision mlflow--0000002 is Provisioned, Failed"),
    "mlflow-never-ready": ("mlflow", {"revision": "Activating"}, 3, "last seen: revision mlflow--0000002 is"),
    "api-never-ready": ("inference", {"health": 503}, 4, "gate: not as it must be after 0.9 s; last seen: answers 503"),
    "api-is-wrong": (
        "inference",
        {"labels": {"positive": "negative"}},
        4,
        "a clearly positive tweet is called negative",
    ),
    "pages-are-ill": ("ui", {"health": 500}, 5, "last seen: answers 500"),
    "jobs-cannot-change": ("trainer", {"update": "Failed"}, 6, "job drift: Azure could not do it"),
}


def images_now(azure: FakeAzure) -> set[str]:
    return {each.image for each in (*azure.apps.values(), *azure.jobs.values())}


def all_of(published: Published) -> set[str]:
    return {published.image(service) for service in ("inference", "ui", "mlflow", "trainer")}


def back_after(steps: int) -> list[str]:
    return BACK[-len([line for line in FORWARD[:steps] if line.startswith("PATCH")]) :]


def test_one_after_the_other_each_once_the_one_before_is_well(azure: FakeAzure, deploy: Deploy) -> None:
    assert deploy("container-apps") == 0
    assert azure.journal.changes == FORWARD
    assert images_now(azure) == all_of(NEW)
    lines = azure.journal.lines
    order = [
        "GET jobs/migrate/executions/migrate-1",
        "PATCH containerApps/mlflow mlflow new",
        "GET operations/mlflow",
        "GET containerApps/mlflow/revisions/mlflow--0000002",
        "PATCH containerApps/inference inference new",
        "GET containerApps/inference/revisions/inference--0000002",
        "inference: GET /health/ready 200 from inference new",
        "inference: POST /v1/predictions 401 from inference new",
        "inference: POST /v1/predictions 200 from inference new",
        "PATCH containerApps/ui ui new",
        "GET containerApps/ui/revisions/ui--0000002",
        "ui: GET /_stcore/health 200 from ui new",
        "PATCH jobs/drift trainer new",
    ]
    places = [lines.index(line) for line in order]
    assert places == sorted(places)


def test_a_container_keeps_everything_but_its_image(azure: FakeAzure, deploy: Deploy) -> None:
    everything = [*azure.apps.values(), *azure.jobs.values()]
    before = [{**each.containers[0], "image": ""} for each in everything]
    for container in before:
        # Azure says it, and nobody can set it.
        container["resources"] = {"cpu": 0.5, "memory": "1Gi"}
    assert deploy("container-apps") == 0
    assert [{**each.containers[0], "image": ""} for each in everything] == before


@pytest.mark.parametrize("kind", BAD)
def test_what_was_begun_is_taken_back_in_reverse_order(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    service, changes, steps, words = BAD[kind]
    azure.behaviours.change(NEW.image(service), **changes)
    assert deploy("container-apps") == 1
    assert azure.journal.changes == [*FORWARD[:steps], *back_after(steps)]
    assert images_now(azure) == all_of(OLD)
    said = capsys.readouterr().out
    assert words in said.splitlines()[-1]
    assert "what migrations have added stays" in said


def test_a_revision_that_runs_is_not_yet_one_that_has_taken_over(azure: FakeAzure, deploy: Deploy) -> None:
    assert deploy("container-apps") == 0
    lines = azure.journal.lines
    looks = [line for line in lines if line == "GET containerApps/inference/revisions/inference--0000002"]
    # Provisioning, running, and then the one that is ready.
    assert len(looks) == 3
    assert lines.index("inference: GET /health/ready 200 from inference new") > len(lines) - lines[::-1].index(looks[0])


def test_after_a_rollback_the_old_api_must_answer(azure: FakeAzure, deploy: Deploy) -> None:
    azure.behaviours.change(NEW.image("ui"), health=500)
    azure.behaviours.change(OLD.image("inference"), starts_after=3)
    assert deploy("container-apps") == 1
    lines = azure.journal.lines
    after = lines[lines.index("PATCH containerApps/inference inference old") :]
    assert [line for line in after if line.startswith("inference: ")] == [
        f"inference: GET /health/ready 200 from inference {word}" for word in ("new", "old")
    ]


def test_a_suffix_of_a_revision_is_not_used_twice(azure: FakeAzure, deploy: Deploy) -> None:
    azure.apps["ui"].suffix = "first"
    assert deploy("container-apps") == 0


def test_a_run_with_another_image_does_not_count(azure: FakeAzure, deploy: Deploy) -> None:
    job = azure.jobs["migrate"]
    job.executions.append(job.execution("Succeeded"))
    job.containers[0]["image"] = NEW.image("inference")
    assert deploy("container-apps") == 0
    assert azure.journal.changes == FORWARD[1:]


def test_an_app_at_rest_is_well(azure: FakeAzure, deploy: Deploy) -> None:
    azure.behaviours.change(NEW.image("mlflow"), revision="ScaledToZero")
    assert deploy("container-apps") == 0


@pytest.mark.parametrize("runs", [[], ["Failed"], ["Succeeded"], ["Succeeded", "Failed"]], ids="-".join)
def test_migrations_that_have_not_run_with_this_image_are_run(
    azure: FakeAzure, deploy: Deploy, runs: list[str]
) -> None:
    job = azure.jobs["migrate"]
    job.containers[0]["image"] = NEW.image("inference")
    for status in runs:
        job.executions.append(job.execution(status))
    assert deploy("container-apps") == 0
    assert azure.journal.changes == [*([] if "Succeeded" in runs else [FORWARD[1]]), *FORWARD[2:]]


def test_nothing_to_do_is_said_and_nothing_done(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("container-apps") == 0
    assert deploy("container-apps") == 0
    assert azure.journal.changes == FORWARD
    assert "Nothing to do" in capsys.readouterr().out


def test_a_dry_run_says_the_calls_in_order_and_makes_none(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("container-apps", "--dry-run") == 0
    assert azure.journal.changes == []
    said = [line.strip().removeprefix("- ") for line in capsys.readouterr().out.splitlines()]
    calls = [line.replace(": image", "") for line in said if line.startswith(("PATCH", "POST"))]
    assert [" ".join([*call.split()[:2], *map(name, call.split()[2:])]) for call in calls] == FORWARD


def test_a_neighbour_in_the_same_app_is_left_alone(azure: FakeAzure, deploy: Deploy) -> None:
    azure.apps["mlflow"].containers.append({"name": "neighbour", "image": "somebody/else:1"})
    assert deploy("container-apps") == 0
    assert azure.apps["mlflow"].containers[1]["image"] == "somebody/else:1"


def test_a_second_container_that_could_be_ours_is_refused(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.apps["ui"].containers = [{**azure.apps["ui"].containers[0], "name": each} for each in ("one", "two")]
    assert deploy("container-apps") == 3
    assert "which of its 2 containers is ours? Give it the name ui" in capsys.readouterr().err


def test_revisions_that_share_the_traffic_are_refused(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.apps["ui"].mode = "Multiple"
    assert deploy("container-apps") == 3
    assert "must be in mode Single" in capsys.readouterr().err
    assert azure.journal.changes == []


def test_all_commands_by_hand_where_azure_takes_nothing_any_more(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.behaviours.change(NEW.image("inference"), health=503)
    azure.after.append(("PATCH containerApps/inference", lambda: azure.refuse("PATCH .*", 403, "AuthorizationFailed")))
    assert deploy("container-apps") == 2
    commands = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("    az ")]
    where = "--subscription 00000000-0000-4000-8000-000000000001 --resource-group air-paradis"
    assert commands == [
        f"az containerapp update {where} --name inference --image {OLD.image('inference')}",
        f"az containerapp update {where} --name mlflow --image {OLD.image('mlflow')}",
        f"az containerapp job update {where} --name migrate --image {OLD.image('inference')}",
    ]


def test_a_list_without_all_images_is_refused(azure: FakeAzure, deploy: Deploy, images: Path) -> None:
    content = json.loads(images.read_text(encoding="utf-8"))
    del content["images"]["trainer"]
    images.write_text(json.dumps(content), encoding="utf-8")
    assert deploy("container-apps") == 3
    assert azure.journal.lines == []
