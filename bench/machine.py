"""What it was measured on, in one line: figures without it mean nothing."""

import os
import platform
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("fastapi", "pydantic", "uvicorn", "gunicorn", "onnxruntime", "tokenizers", "mlflow", "keras")


def conditions() -> str:
    libraries = ", ".join(filter(None, map(library, LIBRARIES)))
    day = datetime.now(UTC).date()
    return (
        f"Measured on {day:%Y-%m-%d}: {processor()}, {os.cpu_count()} logical cores, {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}."
    )


def library(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
