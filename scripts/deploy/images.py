"""The images of one release, as scripts/publish.sh has written them down. Only digests count: a tag can be moved."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import DeployError

BY_DIGEST = re.compile(r"[a-z0-9][a-z0-9._:/-]*/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
RELEASE = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class Images:
    release: str
    by_service: dict[str, str]

    def of(self, service: str) -> str:
        return self.by_service[service]


def is_by_digest(image: str) -> bool:
    return BY_DIGEST.fullmatch(image) is not None


def short(image: str) -> str:
    """For people: the last part of the name, and enough of the digest to tell one from another."""
    name, at, digest = image.rpartition("/")[2].partition("@sha256:")
    return f"{name}@sha256:{digest[:12]}" if at else image or "nothing"


def read_images(path: Path, services: Sequence[str]) -> Images:
    """The release and its images, of which there must be one for each of these services."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeployError(f"there is no file {path}: scripts/publish.sh writes it") from None
    except (OSError, ValueError) as error:
        raise DeployError(f"{path} cannot be read as JSON: {error}") from None
    release, images = read_fields(path, content)
    for service in services:
        check_image(path, service, images.get(service))
    return Images(release, {service: str(images[service]) for service in services})


def read_fields(path: Path, content: object) -> tuple[str, dict[str, object]]:
    if not isinstance(content, dict) or not isinstance(content.get("images"), dict):
        raise DeployError(
            f'{path} must hold {{"release": …, "images": {{service: image}}}}, as scripts/publish.sh writes'
        )
    release = content.get("release")
    if not isinstance(release, str) or not RELEASE.fullmatch(release):
        raise DeployError(f"{path}: release must be the commit that the images were built from, not {release!r}")
    return release, content["images"]


def check_image(path: Path, service: str, image: object) -> None:
    if image is None:
        raise DeployError(f"{path} has no image of {service}: publish it too (scripts/publish.sh --services)")
    if not isinstance(image, str) or not is_by_digest(image):
        raise DeployError(
            f"{path}: {service} is {image!r}; only images by digest are deployed (REGISTRY/NAME@sha256:…)"
        )
