"""The commands of docs/deployment.md, block by block."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "deployment.md"
MARK = "*Needs a subscription*"
BLOCK = re.compile(
    r"(?:^(?P<mark>\*Needs [^\n]*)\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    line: int
    needs_a_subscription: bool
    language: str
    code: str


def read_blocks() -> list[Block]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return [
        Block(
            line=text.count("\n", 0, found.start("code")) + 1,
            needs_a_subscription=(found["mark"] or "").startswith(MARK),
            language=found["language"],
            code=found["code"],
        )
        for found in BLOCK.finditer(text)
    ]


def commands(block: Block) -> list[str]:
    """One a line, without comments; a line that goes on is one with the next."""
    joined = block.code.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
