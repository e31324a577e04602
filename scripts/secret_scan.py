"""Looks for secrets in what is in git, or about to be.

    .tools/lint/bin/python scripts/secret_scan.py [FOLDER]      # part of `scripts/lint.sh`

What looks like a secret and is none is accepted in infra/lint/secrets.toml, each with a reason and by its hash, so that
another one in the same file is found. Nothing that is found is printed, and nobody is asked whether it works.
"""

import fnmatch
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCANNER = ROOT / ".tools" / "lint" / "bin" / "detect-secrets"
ACCEPTED = ROOT / "infra" / "lint" / "secrets.toml"
CHECKSUM = "Hex High Entropy String"
# With the line after it, which tells one key from another. The scanner's own rule stops at files of 8 KiB.
PRIVATE_KEY = re.compile(rb"BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY[^\n]*\n?[^\n]*")


@dataclass(frozen=True)
class Finding:
    file: str
    mark: str  # its kind and the beginning of its hash, as the list of those that are accepted has it


@dataclass(frozen=True)
class Policy:
    accepted: frozenset[Finding]
    checksums: tuple[str, ...]  # patterns of files whose long hexadecimal words are checksums
    placeholders: frozenset[str]  # the beginnings of the hashes of words that are no secret anywhere


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    policy = read_policy()
    files = tracked(folder)
    found = [*scan(folder, files), *private_keys(folder, files)]
    unknown = [(finding, line) for finding, line in found if not is_accepted(finding, policy)]
    gone = [each for each in policy.accepted - {finding for finding, _ in found} if (folder / each.file).is_file()]
    for finding, line in unknown:
        sys.stderr.write(f"{finding.file}:{line}: looks like a secret ({finding.mark!r})\n")
    for finding in gone:
        sys.stderr.write(
            f"{finding.file}: {finding.mark!r} is accepted in {ACCEPTED.name}, and is not there any more\n"
        )
    return 1 if unknown or gone else 0


def read_policy() -> Policy:
    content = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    for entry in (*content["accepted"], *content["checksums"], content["placeholders"]):
        if not entry["reason"].strip():
            raise ValueError(f"{ACCEPTED.name}: an entry has no reason")
    placeholders = {digest(word.encode()) for word in content["placeholders"]["words"]}
    accepted = {Finding(entry["file"], mark) for entry in content["accepted"] for mark in entry["findings"]}
    checksums = tuple(name for entry in content["checksums"] for name in entry["files"])
    return Policy(frozenset(accepted), checksums, frozenset(placeholders))


def digest(secret: bytes) -> str:
    """As the scanner has it, shortened."""
    return hashlib.sha1(secret, usedforsecurity=False).hexdigest()[:12]


def tracked(folder: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (folder / name).is_file()]


def scan(folder: Path, files: list[str]) -> list[tuple[Finding, int]]:
    if not files:
        raise ValueError(f"no files to scan in {folder}")
    command = [str(SCANNER), "--cores", "2", "scan", "--no-verify", "--all-files"]
    command += ["--disable-plugin", "PrivateKeyDetector", *files]
    report = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout)
    return [
        (Finding(file, f"{each['type']} {each['hashed_secret'][:12]}"), each["line_number"])
        for file, findings in report["results"].items()
        for each in findings
    ]


def private_keys(folder: Path, files: list[str]) -> Iterator[tuple[Finding, int]]:
    for file in files:
        content = (folder / file).read_bytes()
        for match in PRIVATE_KEY.finditer(content):
            yield Finding(file, f"Private Key {digest(match[0])}"), content.count(b"\n", 0, match.start()) + 1


def is_accepted(finding: Finding, policy: Policy) -> bool:
    if finding.mark.startswith(CHECKSUM) and any(fnmatch.fnmatch(finding.file, name) for name in policy.checksums):
        return True
    return finding in policy.accepted or finding.mark.rpartition(" ")[2] in policy.placeholders


if __name__ == "__main__":
    sys.exit(main())
