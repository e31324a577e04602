"""Where a dataset's files lie, or one error that says where they were looked for and how to get them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from trainer.reading import TABLE_SUFFIXES, suffix_of
from trainer.sources import SAMPLE, SOURCES, DatasetNotFound, Form, Source, find_source, source_names

SAMPLE_DIR = Path("data/sample")


@dataclass(frozen=True)
class Located:
    """A source, the form its files have here, and the files."""

    source: Source
    form: Form
    paths: tuple[Path, ...]


def locate(
    name: str,
    data_dir: Path,
    *,
    text_column: str = "text",
    label_column: str = "label",
    sample_dir: Path = SAMPLE_DIR,
) -> Located:
    source = find_source(name)
    if source is SAMPLE:
        return _locate_sample(sample_dir)
    if source is not None:
        return _locate_published(source, data_dir)
    path = Path(name).expanduser()
    if suffix_of(path) in TABLE_SUFFIXES:
        return _locate_file(path, text_column, label_column)
    raise DatasetNotFound(
        f"there is no dataset {name!r}: give one of {', '.join(source_names())}, "
        f"or the path of a file that ends in {', '.join(TABLE_SUFFIXES)} (or one of them and .gz)"
    )


def _locate_published(source: Source, data_dir: Path) -> Located:
    for form in source.forms:
        for path in (data_dir / form.file, data_dir / f"{form.file}.gz"):
            if path.is_file() and _holds(path, form.member):
                return Located(source, form, (path,))
    raise DatasetNotFound(_how_to_get(source, data_dir))


def _holds(path: Path, member: str | None) -> bool:
    if member is None or not is_zipfile(path):  # a damaged zip is for the reader to complain of
        return True
    with ZipFile(path) as archive:
        return member in archive.namelist()


def _how_to_get(source: Source, data_dir: Path) -> str:
    files = ", ".join(form.file for form in source.forms)
    get = (
        f"Fetch it with `trainer dataset fetch {source.name}`"
        if source.downloads
        else f"Its publisher has no direct download we know of; get it from: {source.origin}. Put it there"
    )
    return (
        f"no file of the dataset {source.name} in {data_dir.resolve()} (looked for {files}, and each with .gz). "
        f"{get}, or set TRAINER_DATA_DIR=... to the folder that holds it."
    )


def _locate_sample(sample_dir: Path) -> Located:
    # Upwards from the working directory, then from this file: one of them is inside the repository.
    here = [Path.cwd(), *Path.cwd().parents, *Path(__file__).resolve().parents]
    folders = list(dict.fromkeys(root / sample_dir for root in here))
    for folder in folders:
        paths = tuple(sorted(folder.glob("*.csv")))
        if paths:
            # File after file is no fair order: the first rows would be of one kind.
            return Located(SAMPLE, Form("*.csv", is_sorted=True), paths)
    raise DatasetNotFound(
        f"no csv of the sample; looked in {_listed(folders)}. It lies in {SAMPLE.origin}; "
        f"set TRAINER_SAMPLE_DIR=... to that folder."
    )


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(str(folder) for folder in folders)


def _locate_file(path: Path, text_column: str, label_column: str) -> Located:
    if not path.is_file():
        raise DatasetNotFound(f"there is no file {path.resolve()}")
    # The name goes into MLflow's metric names, and must not pass for another set.
    stem = re.sub(r"[^\w.-]+", "_", Path(re.sub(r"(?i)\.gz$", "", path.name)).stem).strip("_") or "file"
    named = find_source(stem)
    if named in SOURCES:
        # Read as any other file it would lose its own split, and what must not be trained on.
        raise DatasetNotFound(
            f"{path} is called like the published set {named.name}: give the name, TRAINER_DATA_DIR={path.parent} "
            f"... --dataset {named.name}; or, if it is a file of your own, call it something else"
        )
    name = f"{stem}_file" if named else stem
    source = Source(name=name, forms=(), terms="Your own file: its terms are yours to know.", origin=str(path))
    return Located(source, Form(path.name, text_column=text_column, label_column=label_column), (path,))
