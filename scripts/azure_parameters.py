"""What a deployment to Azure is told, from what is here: images by digest and secrets. `make azure-parameters`.

scripts/azure_parameters.py app-service|container-apps [--images images.json] [--secrets secrets]

Writes secrets/azure/TARGET.json, which only this user may read, for `az deployment group create --parameters @FILE`.
The secrets are those of `make secrets`; a file `sign-in` among them holds what sign-in.toml does (docs/operations.md).
The administrator of Azure's PostgreSQL is of that place alone: its password is made here, once, beside the file.
"""

import argparse
import json
import os
import re
import secrets
import sys
from pathlib import Path

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
BY_DIGEST = r"[\w.:/-]+@sha256:[0-9a-f]{64}"
# Parameter of the Bicep file: service of images.json.
IMAGES = {
    "app-service": {"inferenceImage": "inference", "pagesImage": "ui"},
    "container-apps": {
        "inferenceImage": "inference",
        "uiImage": "ui",
        "mlflowImage": "mlflow",
        "trainerImage": "trainer",
    },
}
# Parameter of app-service/main.bicep: file of the folder.
APP_SERVICE_SECRETS = {
    "apiKeys": "api-keys",
    "subjectKey": "subject-key",
    "pagesApiKey": "ui-api-key",
    "ownerKey": "owner-key",
    "alertUrls": "alert-urls",
    "signIn": "sign-in",
}
# Those that container-apps/main.bicep takes, as one object.
CONTAINER_APPS_SECRETS = (
    "database-owner",
    "database-api",
    "database-mlflow",
    "subject-key",
    "api-keys",
    "ui-api-key",
    "trainer-api-key",
    "owner-key",
    "alert-urls",
    "sign-in",
)
# Without one of these it is left out; the others have to be there.
OPTIONAL = {"owner-key", "alert-urls", "sign-in"}
ADMIN = "database-admin"
# Letters of both cases and a digit: Azure refuses passwords without.
ADMIN_BEGINS = "Pg1-"

Parameters = dict[str, object]


class Refused(Exception):
    """In one line."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="azure_parameters.py", description="What a deployment to Azure is told.")
    parser.add_argument("target", choices=sorted(IMAGES))
    parser.add_argument("--images", type=Path, default=Path("images.json"))
    parser.add_argument("--secrets", type=Path, default=Path("secrets"))
    given = parser.parse_args()
    try:
        parameters = images_of(given.target, given.images) | secrets_of(given.target, given.secrets)
        file = given.secrets / "azure" / f"{given.target}.json"
        write(file, json.dumps(as_file(parameters), indent=2) + "\n")
    except Refused as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"written  {file}\n")
    return 0


def images_of(target: str, file: Path) -> Parameters:
    try:
        images = json.loads(file.read_text(encoding="utf-8"))["images"]
        chosen = {parameter: images[service] for parameter, service in IMAGES[target].items()}
    except FileNotFoundError:
        raise Refused(f"{file} is not there: scripts/publish.sh writes it") from None
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{file} does not name the images of {target}: scripts/publish.sh writes it") from None
    for image in chosen.values():
        if not re.fullmatch(BY_DIGEST, str(image)):
            raise Refused(f"{file}: {image} is no image by digest")
    return chosen


def secrets_of(target: str, folder: Path) -> Parameters:
    if target == "app-service":
        found = {parameter: read(folder / name) for parameter, name in APP_SERVICE_SECRETS.items()}
        # The keys become the value of a variable, where a newline is at the mercy of whoever passes it on.
        found["apiKeys"] = found["apiKeys"].replace("\n", ";")
        return {parameter: content for parameter, content in found.items() if content}
    every = {name: read(folder / name) for name in CONTAINER_APPS_SECRETS}
    every[ADMIN] = admin_password(folder / "azure" / ADMIN)
    return {"secrets": {name: content for name, content in every.items() if content}}


def admin_password(file: Path) -> str:
    if not file.exists():
        write(file, ADMIN_BEGINS + secrets.token_urlsafe(32) + "\n")
    return read(file)


def read(file: Path) -> str:
    """Without the newline at its end; empty for an optional one that is not there."""
    try:
        content = file.read_text(encoding="utf-8").removesuffix("\n")
    except FileNotFoundError:
        content = ""
    if not content and file.name not in OPTIONAL:
        raise Refused(f"{file} is missing or empty: make secrets")
    return content


def as_file(parameters: Parameters) -> dict[str, object]:
    values = {name: {"value": value} for name, value in parameters.items()}
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": values}


def write(file: Path, content: str) -> None:
    """Readable by nobody else, not even while it is written."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(content)


if __name__ == "__main__":
    sys.exit(main())
