"""Two sites on App Service: the API first, then the pages, and back again where something is not well."""

from pathlib import Path

import pytest

from tests.deploy.conftest import Deploy
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.releases import NEW, NEW_RELEASE, OLD, OLD_RELEASE

API, PAGES = "PATCH sites/air-api/config/web", "PATCH sites/air-pages/config/web"
RESTART = "POST sites/air-pages/restart"
FORWARD = [f"{API} inference new", f"{PAGES} ui new", RESTART]
API_BACK = [f"{API} inference new", f"{API} inference old"]
# Where nothing has to run out of time, and a site that is slow to start is not yet one to restart.
PATIENT = ("--timeout", "30")
# Ways in which an image of the API does no good, and what is said of it.
BAD = {
    "never-ready": ({"health": 503}, "last seen: answers 503"),
    "never-starts": ({"starts": False}, f"last seen: ready, release {OLD_RELEASE}"),
    "another-release": ({"release": "2" * 40}, f"last seen: ready, release {'2' * 40}"),
    "names-no-release": ({"release": ""}, "last seen: ready, release unknown"),
    "flaps": ({"flaps": True}, "gate: not as it must be after 0.9 s"),
    "falls-in-the-gate": ({"falls_after": 2}, "last seen: answers 503"),
    "falls-after-the-gate": ({"falls_after": 3}, "smoke test: POST "),
    "wrong-labels": ({"labels": {"negative": "positive"}}, "smoke test: a clearly negative tweet is called positive"),
    "open-to-all": ({"refuses_strangers": False}, "a wrong key is answered with 200 instead of 401"),
    "too-slow": ({"takes_seconds": 0.8}, "no answer within 0.6 s"),
}


def images_now(azure: FakeAzure) -> list[str]:
    return [site.image for site in azure.sites.values()]


def test_the_api_comes_first_and_the_pages_once_it_is_well(azure: FakeAzure, deploy: Deploy) -> None:
    assert deploy("app-service") == 0
    assert images_now(azure) == [NEW.image("inference"), NEW.image("ui")]
    assert azure.journal.lines == [
        "GET sites/air-api",
        "GET sites/air-api/config/web",
        "POST sites/air-api/config/appsettings/list",
        "air-api: GET /health/ready 200 from inference old",
        "GET sites/air-pages",
        "GET sites/air-pages/config/web",
        "POST sites/air-pages/config/appsettings/list",
        f"{API} inference new",
        "air-api: GET /health/ready 200 from inference new",
        "air-api: POST /v1/predictions 401 from inference new",
        "air-api: GET /v1/model 200 from inference new",
        "air-api: POST /v1/predictions 200 from inference new",
        f"{PAGES} ui new",
        RESTART,
        "air-pages: GET /_stcore/health 200 from ui new",
    ]


def test_the_gate_waits_while_the_old_release_still_answers(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.behaviours.change(NEW.image("inference"), starts_after=3)
    assert deploy("app-service", *PATIENT) == 0
    lines = azure.journal.lines
    old, new = (lines.index(f"air-api: GET /health/ready 200 from inference {word}", 5) for word in ("old", "new"))
    assert lines.index(f"{API} inference new") < old < new < lines.index(f"{PAGES} ui new")
    assert azure.journal.changes == FORWARD
    assert f"gate: ready, release {OLD_RELEASE}" in capsys.readouterr().out


def test_a_site_that_does_not_take_up_its_image_is_restarted_once(azure: FakeAzure, deploy: Deploy) -> None:
    azure.sites["air-api"].takes_up_settings = False
    assert deploy("app-service") == 0
    assert azure.journal.changes == [f"{API} inference new", "POST sites/air-api/restart", *FORWARD[1:]]


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_api_is_taken_back_and_the_pages_never_see_it(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    changes, words = BAD[kind]
    azure.behaviours.change(NEW.image("inference"), **changes)
    assert deploy("app-service") == 1
    assert images_now(azure) == [OLD.image("inference"), OLD.image("ui")]
    restarts = ["POST sites/air-api/restart"]
    assert [each for each in azure.journal.changes if each not in restarts] == API_BACK
    assert azure.journal.lines[-1] == "air-api: GET /health/ready 200 from inference old"
    said = capsys.readouterr().out.splitlines()[-1]
    assert words in said
    assert said.endswith(f"Rolled back; there now: site air-api: {OLD.image('inference')}.")


def test_bad_pages_take_the_api_back_too_in_reverse_order(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.behaviours.change(NEW.image("ui"), health=500)
    assert deploy("app-service") == 1
    assert azure.journal.changes == [*FORWARD, f"{PAGES} ui old", RESTART, f"{API} inference old"]
    assert azure.journal.lines[-3:] == [
        "air-pages: GET /_stcore/health 200 from ui old",
        f"{API} inference old",
        "air-api: GET /health/ready 200 from inference old",
    ]
    said = capsys.readouterr().out.splitlines()[-1]
    assert f"site air-pages: {OLD.image('ui')}, site air-api: {OLD.image('inference')}." in said


def test_what_a_proxy_says_while_it_changes_over_is_no_verdict(azure: FakeAzure, deploy: Deploy) -> None:
    azure.behaviours.change(NEW.image("inference"), hiccups=2)
    assert deploy("app-service") == 0
    assert "air-api: POST /v1/predictions 503 from inference new" in azure.journal.lines


@pytest.mark.parametrize("release", [OLD_RELEASE, ""], ids=["known", "unknown"])
def test_after_a_rollback_the_release_of_before_must_answer(azure: FakeAzure, deploy: Deploy, release: str) -> None:
    azure.behaviours.change(OLD.image("inference"), release=release, starts_after=3)
    azure.behaviours.change(NEW.image("inference"), labels={"positive": "negative"})
    assert deploy("app-service", *PATIENT) == 1
    after = azure.journal.lines[azure.journal.lines.index(f"{API} inference old") :]
    assert after[1:] == [f"air-api: GET /health/ready 200 from inference {word}" for word in ("new", "old")]


def test_the_same_commit_built_again_is_restarted_as_its_answers_do_not_tell(azure: FakeAzure, deploy: Deploy) -> None:
    azure.behaviours.change(OLD.image("inference"), release=NEW_RELEASE)
    assert deploy("app-service") == 0
    assert azure.journal.changes == [FORWARD[0], "POST sites/air-api/restart", *FORWARD[1:]]


def test_a_rollback_that_fails_says_what_to_do_by_hand(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.behaviours.change(NEW.image("inference"), health=503)
    azure.after.append((API, lambda: azure.refuse(API, 403, "AuthorizationFailed")))
    assert deploy("app-service") == 2
    said = capsys.readouterr().out
    assert said.endswith(
        "The rollback failed too; put the old images back by hand:\n"
        "    az webapp config set --subscription 00000000-0000-4000-8000-000000000001 --resource-group air-paradis "
        f"--name air-api --linux-fx-version 'DOCKER|{OLD.image('inference')}'\n"
    )


def test_an_old_image_that_is_not_well_any_more_is_no_rollback(azure: FakeAzure, deploy: Deploy) -> None:
    azure.behaviours.change(NEW.image("inference"), health=503)
    azure.after.append((API, lambda: azure.behaviours.change(OLD.image("inference"), health=500)))
    assert deploy("app-service") == 2
    assert images_now(azure) == [OLD.image("inference"), OLD.image("ui")]


@pytest.mark.parametrize("now", ["", "mcr.microsoft.com/appsvc/staticsite:latest", "somebody/inference:v1"])
def test_where_there_is_no_way_back_nothing_is_done_unless_it_is_the_first_time(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], now: str
) -> None:
    azure.sites["air-api"].image = now
    assert deploy("app-service") == 3
    assert azure.journal.changes == []
    assert f"site air-api runs {now or 'nothing'}, which is no digest" in capsys.readouterr().err
    assert deploy("app-service", "--first") == 0
    assert azure.journal.changes == FORWARD


@pytest.mark.parametrize("now", ["", "mcr.microsoft.com/appsvc/staticsite:latest"])
def test_a_first_time_that_fails_puts_back_what_there_was(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], now: str
) -> None:
    azure.sites["air-api"].image = now
    azure.behaviours.change(NEW.image("inference"), health=503)
    assert deploy("app-service", "--first") == 1
    assert azure.journal.changes == [FORWARD[0], *([f"{API} {now}"] if now else [])]
    assert f"site air-api: {now or 'what failed, as there was nothing before'}." in capsys.readouterr().out


def test_nothing_to_do_is_said_and_nothing_done(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("app-service") == 0
    before = len(azure.journal.changes)
    assert deploy("app-service") == 0
    assert len(azure.journal.changes) == before
    assert f"Nothing to do: everything has the images of release {NEW_RELEASE} already." in capsys.readouterr().out


def test_only_what_is_another_image_is_changed(azure: FakeAzure, deploy: Deploy) -> None:
    azure.sites["air-api"].set_image(NEW.image("inference"))
    assert deploy("app-service") == 0
    assert azure.journal.changes == FORWARD[1:]


def test_a_dry_run_says_the_calls_in_order_and_makes_none(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPLOY_API_KEY")
    assert deploy("app-service", "--dry-run") == 0
    assert azure.journal.changes == []
    said = capsys.readouterr().out
    calls = [line.strip() for line in said.splitlines() if " - P" in line]
    assert calls == [
        f"- {API}: linuxFxVersion DOCKER|{NEW.image('inference')}",
        f"- {PAGES}: linuxFxVersion DOCKER|{NEW.image('ui')}",
        f"- {RESTART}",
    ]
    assert said.endswith("Dry run: nothing was changed.\n")


def test_a_workflow_gets_a_summary(
    azure: FakeAzure, deploy: Deploy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    azure.behaviours.change(NEW.image("ui"), health=500)
    assert deploy("app-service") == 1
    lines = summary.read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"### Release `{NEW_RELEASE}` not deployed: app-service in resource group air-paradis"
    assert lines[6:8] == [
        f"| site air-pages | `ui@sha256:{'a' * 12}` | `ui@sha256:{'b' * 12}` | put back, and well |",
        f"| site air-api | `inference@sha256:{'a' * 12}` | `inference@sha256:{'b' * 12}` | put back, and well |",
    ]
