"""Where the processor time and the memory are read: a container's counters as the kernel lays them out, or a family."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from inference import cpu_time
from inference.cpu_family import FamilyMeter
from inference.cpu_time import PROC, ContainerMeter, find_meter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc here")

VERSION_2 = {
    "cgroup.type": "domain\n",
    "cpu.stat": "usage_usec 12500000\nuser_usec 9000000\nsystem_usec 3500000\n",
    "memory.current": "209715200\n",
    "memory.stat": "anon 100000000\nfile 90000000\ninactive_anon 5\ninactive_file 9715200\nactive_file 80000000\n",
    "memory.max": "1073741824\n",
}
VERSION_1 = {
    "cpuacct/cpuacct.usage": "12500000000\n",
    "memory/memory.usage_in_bytes": "209715200\n",
    "memory/memory.stat": "cache 5\ninactive_file 1\ntotal_inactive_anon 7\ntotal_inactive_file 9715200\n",
    "memory/memory.limit_in_bytes": "1073741824\n",
}


def lay_out(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.mark.parametrize("files", [VERSION_2, VERSION_1], ids=["version 2", "version 1"])
def test_a_container_is_read_from_the_counters_of_the_kernel(files: dict[str, str], tmp_path: Path) -> None:
    meter = find_meter(os.getpid(), lay_out(tmp_path, files))
    assert isinstance(meter, ContainerMeter)
    usage = meter.read()
    assert (usage.cpu_seconds, usage.memory_bytes, usage.memory_limit_bytes) == (12.5, 200_000_000, 2**30)
    # The life of the container's first process.
    began = psutil.Process(1).create_time()
    assert usage.age_seconds == pytest.approx(time.time() - began, abs=2)
    assert usage.life.split(":")[1] == "1"


@pytest.mark.parametrize(
    "files",
    [
        VERSION_2 | {"memory.max": "max\n"},
        VERSION_1 | {"memory/memory.limit_in_bytes": "9223372036854771712\n"},
    ],
    ids=["version 2", "version 1"],
)
def test_no_limit_is_0(files: dict[str, str], tmp_path: Path) -> None:
    meter = find_meter(os.getpid(), lay_out(tmp_path, files))
    assert meter is not None and meter.read().memory_limit_bytes == 0


@pytest.mark.parametrize(
    "files",
    [{"cpu.stat": VERSION_2["cpu.stat"]}, {"cpuacct/cpuacct.usage": VERSION_1["cpuacct/cpuacct.usage"]}],
    ids=["version 2", "version 1"],
)
def test_a_container_whose_memory_is_not_counted_still_says_its_time(files: dict[str, str], tmp_path: Path) -> None:
    meter = find_meter(os.getpid(), lay_out(tmp_path, {"cgroup.type": "domain\n"} | files))
    assert meter is not None
    usage = meter.read()
    assert (usage.cpu_seconds, usage.memory_bytes, usage.memory_limit_bytes) == (12.5, 0, 0)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"cpu.stat": VERSION_2["cpu.stat"]}, id="version 2, whose root has no type"),
        pytest.param(VERSION_1 | {"cpuacct/release_agent": ""}, id="version 1, whose root has an agent"),
        pytest.param({}, id="none"),
    ],
)
def test_the_counters_of_the_whole_machine_are_nobodys(files: dict[str, str], tmp_path: Path) -> None:
    assert isinstance(find_meter(os.getpid(), lay_out(tmp_path, files)), FamilyMeter)


def test_another_system_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_time.sys, "platform", "darwin")
    assert find_meter(os.getpid()) is None


def burn(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


@contextmanager
def family(child_seconds: float) -> Iterator[int]:
    """A process with one child that is gone and one that is there, each of which has taken so much."""
    script = f"""
import subprocess, sys
burn = {BURN.format(seconds=child_seconds)!r}
subprocess.run([sys.executable, "-c", burn], check=True)
other = subprocess.Popen([sys.executable, "-c", burn + "print(1, flush=True)\\nimport sys; sys.stdin.read()"],
                         stdin=subprocess.PIPE)
sys.stdin.read()
other.communicate()
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        assert process.stdout.readline() == b"1\n"
        yield process.pid
    finally:
        process.communicate()


def test_a_family_is_all_that_is_there_and_all_that_was() -> None:
    with family(0.5) as root:
        usage = FamilyMeter(root, PROC).read()
        assert 0.9 <= usage.cpu_seconds <= 1.5
        every = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
        assert len(every) == 2
        assert max(each.memory_info().rss for each in every) <= usage.memory_bytes
        assert usage.memory_bytes < sum(each.memory_info().rss for each in every)
        assert usage.age_seconds == pytest.approx(time.time() - every[0].create_time(), abs=1)


def test_another_process_has_another_life() -> None:
    with family(0.01) as first, family(0.01) as second:
        lives = [FamilyMeter(root, PROC).read().life for root in (first, first, second)]
    assert lives[0] == lives[1] != lives[2]


def test_a_root_that_is_gone_is_an_error_and_not_a_figure() -> None:
    process = multiprocessing.get_context("spawn").Process(target=burn, args=(0,))
    process.start()
    process.join()
    assert process.pid is not None
    with pytest.raises(OSError):
        FamilyMeter(process.pid, PROC).read()
