"""What gunicorn and its workers have taken of the processor, where they are in no container of their own."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from inference.cpu_time import TICKS, Usage, read_life, read_stat

PAGE = 4096
with suppress(ImportError, AttributeError):
    from resource import getpagesize

    PAGE = getpagesize()
# Of /proc/PID/stat, behind the name: user and system, of the process and of its children that have ended.
TIMES = slice(11, 15)


@dataclass(frozen=True, slots=True)
class FamilyMeter:
    """A worker that was killed is in the count of its parent, once that has noticed."""

    root: int
    proc: Path

    def read(self) -> Usage:
        life, age = read_life(self.root, self.proc)
        ticks = 0
        sizes = []
        for process in self._family():
            # Who ends in between is counted with its parent the next time.
            with suppress(FileNotFoundError, ProcessLookupError):
                ticks += sum(int(each) for each in read_stat(process, self.proc)[TIMES])
                sizes.append(self._memory_of(process))
        # Files, and so the code of the libraries, are in memory once for all of them.
        memory = sum(own for own, _ in sizes) + max((shared for _, shared in sizes), default=0)
        return Usage(ticks / TICKS, life, age, memory, 0)

    def _family(self) -> list[int]:
        family = [self.root]
        # It grows while it is gone through.
        for process in family:
            with suppress(FileNotFoundError, ProcessLookupError):
                for thread in (self.proc / str(process) / "task").iterdir():
                    family += map(int, (thread / "children").read_bytes().split())
        return family

    def _memory_of(self, process: int) -> tuple[int, int]:
        resident, shared = (self.proc / str(process) / "statm").read_bytes().split()[1:3]
        return (int(resident) - int(shared)) * PAGE, int(shared) * PAGE
