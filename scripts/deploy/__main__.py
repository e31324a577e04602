"""Gives what runs on Azure the images of a release, by digest, and takes them back where they do no good.

    python -m scripts.deploy app-service    --subscription … --resource-group … --name … --images images.json
    python -m scripts.deploy container-apps --subscription … --resource-group … --images images.json [--dry-run]

It ends with 0: this release serves, or did already; 1: it failed, and what served before serves again; 2: the rollback
failed too, and the last lines say what to do by hand; 3: refused, and nothing was changed. docs/deployment.md.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from . import app_service, container_apps
from .azure import PUBLIC_CLOUD, Azure
from .errors import DeployError
from .images import Images, read_images
from .rollout import DONE, REFUSED, Outcome, roll_out
from .steps import Step
from .summary import describe_plan, write_summary
from .waiting import Pace, say

SERVICES = {"app-service": app_service.SERVICES, "container-apps": container_apps.SERVICES}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(REFUSED, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    parser = Parser(prog="python -m scripts.deploy", description="Deploys images by digest; goes back where they fail.")
    targets = parser.add_subparsers(dest="target", required=True, parser_class=Parser)
    for target in SERVICES:
        add_options(targets.add_parser(target), target)
    return parser


def add_options(parser: argparse.ArgumentParser, target: str) -> None:
    environment = os.environ.get
    subscription = environment("AZURE_SUBSCRIPTION_ID")
    parser.add_argument("--subscription", default=subscription, required=not subscription)
    parser.add_argument("--resource-group", required=True)
    if target == "app-service":
        parser.add_argument("--name", required=True, help="the sites are NAME-api and NAME-pages")
    parser.add_argument("--images", type=Path, default=Path("images.json"), help="written by scripts/publish.sh")
    parser.add_argument("--api-key-file", type=Path, help="a key with the scope predict; or DEPLOY_API_KEY")
    parser.add_argument("--timeout", type=seconds, default=600, help="seconds that one step may take to be well (600)")
    parser.add_argument("--poll", type=seconds, default=5, help="seconds between two looks (5)")
    parser.add_argument("--answer-within", type=seconds, default=10, help="seconds that a prediction may take (10)")
    parser.add_argument("--first", action="store_true", help="go on where there is no digest to go back to")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    endpoint = environment("AZURE_RESOURCE_MANAGER_ENDPOINT") or PUBLIC_CLOUD
    parser.add_argument("--arm-endpoint", default=endpoint, help=f"Azure Resource Manager ({PUBLIC_CLOUD})")


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    where = f"{options.target} in resource group {options.resource_group}"
    try:
        images = read_images(options.images, SERVICES[options.target])
        outcome = deploy(options, images, where)
    except DeployError as error:
        sys.stderr.write(f"refused: {error}. Nothing was changed.\n")
        return REFUSED
    except KeyboardInterrupt:
        sys.stderr.write("refused: stopped. Nothing was changed.\n")
        return REFUSED
    say(outcome.sentence)
    write_summary(outcome, images, where)
    return outcome.code


def deploy(options: argparse.Namespace, images: Images, where: str) -> Outcome:
    pace = Pace(options.poll, options.timeout, options.answer_within)
    key = "" if options.dry_run else read_key(options.api_key_file)
    with closing(Azure(options.arm_endpoint, options.subscription, options.resource_group, pace)) as azure:
        steps = read_steps(options, azure, images, key)
        sys.stdout.write(describe_plan(steps, images, where) + "\n")
        if options.dry_run:
            return Outcome(DONE, "Dry run: nothing was changed.")
        if not any(step.is_needed for step in steps):
            return Outcome(DONE, f"Nothing to do: everything has the images of release {images.release} already.")
        if not options.first:
            refuse_without_a_way_back(steps)
        return roll_out(steps, images.release)


def read_steps(options: argparse.Namespace, azure: Azure, images: Images, key: str) -> list[Step]:
    if options.target == "app-service":
        return app_service.read_steps(azure, options.name, images, key)
    return container_apps.read_steps(azure, images, key)


def refuse_without_a_way_back(steps: Sequence[Step]) -> None:
    for step in steps:
        if step.is_needed and not step.can_go_back:
            raise DeployError(
                f"{step.name} runs {step.before or 'nothing'}, which is no digest: there is nothing to go back to. "
                "If this is its first deployment, say so with --first"
            )


def read_key(path: Path | None) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip() if path else os.environ.get("DEPLOY_API_KEY", "").strip()
    except OSError as error:
        raise DeployError(f"--api-key-file cannot be read: {error}") from None
    if not key or any(character.isspace() for character in key):
        raise DeployError("the smoke test needs a key with the scope predict: --api-key-file FILE, or DEPLOY_API_KEY")
    return key


if __name__ == "__main__":
    sys.exit(main())
