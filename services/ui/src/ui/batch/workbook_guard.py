"""A workbook is a zip archive of XML: before it is opened it must be known not to unfold beyond all measure.

A few kilobytes can hold gigabytes of blanks, and one cell at the far corner of a sheet makes its reader ask for room
for all the cells between, which ends the whole process. So the archive is read once, and where its cells are is noted.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from ui.batch.sheet import Unreadable

UNFOLDED_LIMIT = 300 << 20  # bytes
CELL_LIMIT = 6_000_000
CHUNK = 1 << 20
# No cell has a longer one.
LONGEST_TAG = 1 << 16
TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^<>]*)>")
PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{0,7})\$?(\d{0,9})""")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@dataclass
class Extent:
    """How far down and to the right the cells go that were seen so far."""

    row: int = 0
    column: int = 0
    _at: int = 0

    def see(self, tag: bytes, attributes: bytes) -> None:
        place = PLACE.search(attributes)
        letters, digits = place.groups() if place else (b"", b"")
        if tag == b"row":
            self._go_to_row(int(digits) if digits else 0)
            return
        # A cell that does not say where it is comes behind the one before.
        self._at = _column_number(letters) if letters else self._at + 1
        self.column = max(self.column, self._at)
        self.row = max(self.row, int(digits or 0))

    def _go_to_row(self, number: int) -> None:
        self.row, self._at = max(self.row + 1, number), 0


def check_workbook(data: bytes) -> None:
    """Raises Unreadable."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNFOLDED_LIMIT:
                raise Unreadable(lambda words: words.batch.unfolds_too_far.format(limit=UNFOLDED_LIMIT >> 20))
            for part in parts:
                _check_part(archive, part)
    except BROKEN:
        raise Unreadable(lambda words: words.batch.broken_workbook) from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    extent = Extent()
    for tag, attributes in _tags(archive, part):
        extent.see(tag, attributes)
        if extent.row * extent.column > CELL_LIMIT:
            raise Unreadable(lambda words: words.batch.too_many_cells.format(limit=words.number(CELL_LIMIT)))


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[bytes, bytes]]:
    # Read to the end, also where nothing is looked for: a part that is not as long as it says does not pass its check.
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            text = rest + chunk
            for tag, attributes in TAG.findall(text):
                _require_whole(attributes)
                yield tag, attributes
            begun = text.rfind(b"<")
            rest = b"" if begun < 0 or b">" in text[begun:] else text[begun:]
            if len(rest) > LONGEST_TAG:
                raise zipfile.BadZipFile


def _require_whole(attributes: bytes) -> None:
    # A bracket in quotation marks, which no spreadsheet writes, would hide what stands behind it.
    if attributes.count(b'"') % 2 or attributes.count(b"'") % 2:
        raise zipfile.BadZipFile


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
