"""Download a published set from its publisher: resumed where it was cut, checked, and only then given its name.

To run it: `trainer dataset fetch sentiment140`.
"""

import logging
import os
from hashlib import file_digest
from pathlib import Path

import requests
from tqdm import tqdm

from trainer.sources import SAMPLE, Download, FetchFailed, Source, find_source, source_names

logger = logging.getLogger(__name__)

_ATTEMPTS = 4
_TIMEOUT_SECONDS = (10, 60)  # to connect, and between two pieces
_PIECE_BYTES = 1 << 14  # what a cut connection loses at most


class _Interrupted(Exception):
    """The connection broke; what came so far is kept and the next attempt goes on from there."""


def fetch(name: str, data_dir: Path) -> tuple[Path, ...]:
    """The files of a set, in `data_dir`. A file that is there and intact is not fetched again."""
    source = find_source(name)
    if source is None:
        raise FetchFailed(f"there is no dataset {name!r}: give one of {', '.join(source_names())}")
    return fetch_source(source, data_dir)


def fetch_source(source: Source, data_dir: Path) -> tuple[Path, ...]:
    if source is SAMPLE:
        raise FetchFailed(f"{source.name} lies in {source.origin}: there is nothing to fetch")
    if not source.downloads:
        raise FetchFailed(
            f"{source.name} has no direct download we know of; get it from: {source.origin}, put it into a folder "
            f"and set TRAINER_DATA_DIR=... to that folder"
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    logger.info("fetch_started dataset=%s terms=%r", source.name, source.terms)
    return tuple(_fetch_file(source, download, data_dir / download.file) for download in source.downloads)


def _fetch_file(source: Source, download: Download, path: Path) -> Path:
    if path.exists():
        if (found := _sha256(path)) != download.sha256:
            raise FetchFailed(f"{_another_file(path, found, download)}; remove {path.resolve()} and fetch it again")
        logger.info("fetch_skipped dataset=%s file=%s reason=already_here", source.name, path.name)
        return path
    part = path.with_name(f"{path.name}.part")
    _download(download.url, part)
    if (found := _sha256(part)) != download.sha256:
        part.unlink()
        raise FetchFailed(f"{_another_file(path, found, download)}; it was removed. Look at {source.origin}")
    os.replace(part, path)
    logger.info("fetch_finished dataset=%s file=%s sha256=%s", source.name, path.name, found)
    return path


def _another_file(path: Path, found: str, download: Download) -> str:
    return f"{path.name} has SHA-256 {found} where {download.sha256} is expected"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _download(url: str, part: Path) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _receive(url, part)
        except _Interrupted as error:
            logger.warning("fetch_interrupted url=%s attempt=%d reason=%s", url, attempt, error)
            reason = error
    raise FetchFailed(
        f"{url} broke off {_ATTEMPTS} times ({reason}); what arrived is kept, and fetching again goes on from there"
    )


def _receive(url: str, part: Path) -> None:
    start = part.stat().st_size if part.exists() else 0
    # Compressed on the way, a byte of the answer would not be a byte of the file, and resuming would mix them.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_SECONDS) as answer:
            if start and answer.status_code == requests.codes.requested_range_not_satisfiable:
                return _settle_part(url, answer, part, start)
            if not answer.ok:
                raise FetchFailed(f"{url} answers {answer.status_code} {answer.reason}; nothing was fetched")
            # A server that ignores the range sends all of it again, from the start.
            is_resumed = answer.status_code == requests.codes.partial_content
            _write(answer, part, start if is_resumed else 0)
    except requests.exceptions.ConnectionError as error:
        if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
            raise FetchFailed(f"{url} cannot be reached: {error}") from error
        raise _Interrupted(f"no connection: {type(error).__name__}") from error
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.Timeout) as error:
        raise _Interrupted(type(error).__name__) from error
    except requests.exceptions.RequestException as error:
        raise FetchFailed(f"{url} cannot be fetched: {error}") from error


def _settle_part(url: str, answer: requests.Response, part: Path, size: int) -> None:
    # Nothing left to send: either all of it is here already, or the part is of another file.
    if answer.headers.get("Content-Range") == f"bytes */{size}":
        return
    part.unlink()
    raise _Interrupted(f"the part of {url} did not fit and was removed")


def _write(answer: requests.Response, part: Path, start: int) -> None:
    length = answer.headers.get("Content-Length")
    with (
        part.open("r+b" if start else "wb") as file,
        tqdm(
            desc=part.name.removesuffix(".part"),
            initial=start,
            total=start + int(length) if length else None,
            unit="B",
            unit_scale=True,
            disable=None,
        ) as bar,
    ):
        file.seek(start)
        for piece in answer.iter_content(_PIECE_BYTES):
            bar.update(file.write(piece))
