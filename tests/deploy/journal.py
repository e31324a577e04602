"""What was asked of the stand-in for Azure and of its sites, in order; looks that repeat themselves are one line."""

from threading import Lock

CHANGES = ("PATCH ", "POST ", "PUT ", "DELETE ")
# Azure has some that are asked by POST, because they tell secrets.
ASKED = "/list"


class Journal:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._lock = Lock()

    def write(self, line: str) -> None:
        with self._lock:
            is_change = is_a_change(line) and "refused" not in line
            if is_change or self._lines[-1:] != [line]:
                self._lines.append(line)

    @property
    def lines(self) -> list[str]:
        with self._lock:
            return list(self._lines)

    @property
    def changes(self) -> list[str]:
        """What changed something in Azure."""
        return [line for line in self.lines if is_a_change(line)]


def is_a_change(line: str) -> bool:
    return line.startswith(CHANGES) and not line.endswith(ASKED)
