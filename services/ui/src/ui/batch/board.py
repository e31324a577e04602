"""What one person's session knows of the file on the page Batch: its rows, the work on them, and what came of it.

As in `session`, callbacks get the board as an argument, and whoever draws or changes it holds its lock. The work runs
in threads of its own: it never waits for the page, and ends where nobody has looked at it for some minutes.
"""

import weakref
from dataclasses import dataclass, field
from threading import RLock

from ui.api.client import Client
from ui.batch.export_table import Export
from ui.batch.guesses import guess_text_column
from ui.batch.job import Job
from ui.batch.reading import Source, read_file
from ui.batch.sheet import Table, Unreadable
from ui.batch.texts import Texts, build_texts
from ui.settings import Settings
from ui.words.language import Notice


@dataclass(eq=False)
class Chosen:
    """The rows as they are to be analysed."""

    table: Table
    column: str
    texts: Texts


@dataclass(eq=False)
class BatchBoard:
    settings: Settings
    client: Client
    # Counts the files: each has choices of its own on the page.
    number: int = 0
    source: Source | None = None
    chosen: Chosen | None = None
    problem: Notice | None = None
    job: Job | None = None
    export: Export | None = None
    lock: RLock = field(default_factory=RLock)
    _file_id: str = ""

    def knows(self, file_id: str) -> bool:
        return self._file_id == file_id

    def take(self, file_id: str, name: str, data: bytes) -> None:
        """Another file: what was there before is gone."""
        self.forget()
        self._file_id = file_id
        self.number += 1
        try:
            self.source = read_file(name, data, self.settings.batch_limit)
        except Unreadable as error:
            self.problem = error.notice
            return
        self._choose(None)

    def forget(self) -> None:
        if self.job is not None:
            self.job.stop()
        self.source = self.chosen = self.problem = self.job = self.export = None

    def choose_sheet(self, name: str) -> None:
        source = self.source
        if source is None or self.job is not None or name == source.sheet_name:
            return
        self.problem = None
        try:
            source.choose_sheet(name, self.settings.batch_limit)
        except Unreadable as error:
            # Nothing can be done with it; the list of sheets stays.
            self.problem, self.chosen, source.sheet_name = error.notice, None, name
            return
        self._choose(None)

    def choose_header(self, has_header: bool) -> None:
        source = self.source
        if source is None or self.job is not None or source.sheet.has_header == has_header:
            return
        source.sheet = source.sheet.with_header(has_header)
        self._choose(None)

    def choose_column(self, name: str) -> None:
        if self.chosen is not None and self.job is None and name != self.chosen.column:
            self._choose(name)

    def start(self) -> None:
        """A double click is one start."""
        with self.lock:
            if self.chosen is None or self.job is not None:
                return
            self.job = Job(self.client, self.chosen.texts, self.settings.text_limit)
            self.export = Export(self.chosen.table, self.job.answers)
            # Where the session is gone, the board goes with it; then nobody is there for whom to go on.
            weakref.finalize(self, setattr, self.job, "is_forgotten", True).atexit = False
            self.job.start()

    def cancel(self) -> None:
        if self.job is not None:
            self.job.stop()

    def go_on(self) -> None:
        with self.lock:
            if self.job is not None:
                self.job.start()

    def _choose(self, column: str | None) -> None:
        assert self.source is not None
        table = self.source.sheet.table()
        name = column or guess_text_column(table.columns)
        self.chosen = Chosen(table, name, build_texts(table, name))
