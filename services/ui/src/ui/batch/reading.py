"""An uploaded file becomes a sheet of rows, by the way its name ends. What is wrong with it is said in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from ui.batch.csv_reading import read_csv
from ui.batch.parquet_reading import read_parquet
from ui.batch.sheet import Sheet, Unreadable
from ui.batch.workbook_reading import Workbook

SUFFIXES = ("csv", "tsv", "xlsx", "parquet")
MEGABYTES = 50


@dataclass
class Source:
    """A file, and of a workbook the sheet that is looked at."""

    name: str
    sheet: Sheet
    sheet_names: Sequence[str] = ()
    sheet_name: str = ""
    workbook: Workbook | None = None

    def choose_sheet(self, name: str, limit: int) -> None:
        if self.workbook is not None and name in self.sheet_names:
            self.sheet, self.sheet_name = self.workbook.read(name, limit), name


def read_file(name: str, data: bytes, limit: int) -> Source:
    """Raises Unreadable."""
    if not data:
        raise Unreadable(lambda words: words.batch.empty_file)
    match name.lower().rpartition(".")[2]:
        case "csv" | "tsv":
            return Source(name, _filled(read_csv(data, limit)))
        case "xlsx":
            return _read_workbook(name, data, limit)
        case "parquet":
            return Source(name, _filled(read_parquet(data, limit)))
        case _:
            raise Unreadable(lambda words: words.batch.unknown_kind)


def _read_workbook(name: str, data: bytes, limit: int) -> Source:
    workbook = Workbook(data)
    names = workbook.sheets
    if len(names) == 1:
        return Source(name, _filled(workbook.read(names[0], limit)))
    # A first sheet that cannot be used must not hide the others.
    for number, sheet_name in enumerate(names):
        try:
            return Source(name, _filled(workbook.read(sheet_name, limit)), names, sheet_name, workbook)
        except Unreadable:
            if number == len(names) - 1:
                raise
    raise Unreadable(lambda words: words.batch.empty_file)


def _filled(sheet: Sheet) -> Sheet:
    if sheet.columns.num_rows == 0 and (sheet.first is None or sheet.has_header):
        raise Unreadable(lambda words: words.batch.no_rows)
    return sheet
