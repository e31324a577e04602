"""Cells that a spreadsheet would carry out as a formula when it opens a csv, and the mark that keeps it from that.

OWASP's list: what begins with = + - @, a tab or the end of a line. Blanks and characters that show nothing may stand
before them, and their wide forms are as good. The mark is an apostrophe; a cell that has some before such a beginning
gets one more, so that taking one off gives back what was there.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

MARK = "'"
SIGNS = "=+\\-@" + "\uff1d\uff0b\uff0d\uff20" + "\ufe66\ufe62\ufe63\ufe6b\u207a\u207b\u208a\u208b\u2212"
# Written out, for two engines of which one knows no names of categories.
BLANKS = (
    "\\x00-\\x20\\x7f-\\xa0\\xad\u034f\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
PATTERN = f"^'*(?:[\\t\\r\\n]|[{BLANKS}]*[{SIGNS}])"


class CellGuard:
    def __init__(self) -> None:
        self._begins = re.compile(PATTERN)

    def mark(self, cell: str) -> str:
        return MARK + cell if self._begins.match(cell) else cell


def count_dangerous(column: pa.ChunkedArray) -> int:
    """Of a column of strings; as bytes, since a file may hold what is no text."""
    found = pc.match_substring_regex(column, PATTERN)
    return int(pc.sum(found).as_py() or 0)
