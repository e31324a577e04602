"""A page made of a few kinds of blocks, written as Markdown and as HTML: the same words in both, whoever wrote them.

What stands in a block is text: a tweet that holds a tag or a table's bar stays a tweet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1b1f24;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem}h3{font-size:1rem}
table{border-collapse:collapse;margin:1rem 0;font-size:.92rem}
th,td{border-bottom:1px solid #d8dee4;padding:.3rem .7rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f6f8fa}pre{background:#f6f8fa;padding:.8rem;white-space:pre-wrap;overflow-wrap:anywhere}
.good{border-left:.4rem solid #1a7f37}.bad{border-left:.4rem solid #cf222e}.note{padding:.6rem 1rem;background:#f6f8fa}
summary{cursor:pointer;color:#0550ae}
"""


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """`tone`: of the one sentence that must be seen first, `good` or `bad`."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Listing:
    items: Sequence[str]


@dataclass(frozen=True)
class Literal:
    """As it stands: a command, or a text that has a form of its own."""

    text: str


@dataclass(frozen=True)
class Table:
    """`folded`: under this title, opened by a click."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: str = ""


Block = Heading | Paragraph | Listing | Literal | Table


def to_markdown(blocks: Sequence[Block]) -> str:
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def to_html(title: str, blocks: Sequence[Block]) -> str:
    """A page that needs nothing beside it: no script, no picture, no address."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_plain(text)}"
        case Paragraph(text, tone):
            return f"**{_plain(text)}**" if tone else _at_begin(_plain(text))
        case Listing(items):
            return "\n".join(f"- {_at_begin(_plain(item))}" for item in items)
        case Literal(text):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            return f"{fence}\n{text.strip()}\n{fence}"
        case Table(head, rows, folded):
            lines = [_row(head), "|" + "---|" * len(head), *(_row(row) for row in rows)]
            return "\n".join([f"{_plain(folded)}:", ""] * bool(folded) + lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _plain(text: str) -> str:
    """On one line, and with nothing that Markdown or a browser behind it would read as markup."""
    line = escape(" ".join(text.split()), quote=False)
    # A score inside a word is a score to Markdown too, and names like us_airline are to be read.
    return re.sub(r"[\\`*\[\]|~]|\b_|_\b", r"\\\g<0>", line)


def _at_begin(line: str) -> str:
    """No heading and no list, where a line begins with their sign."""
    return re.sub(r"^(\d*)([#+.)-])", r"\1\\\2", line)


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text, tone):
            return f'<p class="note {tone}"><strong>{escape(text)}</strong></p>' if tone else f"<p>{escape(text)}</p>"
        case Listing(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Literal(text):
            return f"<pre>{escape(text.strip())}</pre>"
        case Table(head, rows, folded):
            body = "".join(_cells(row, "td") for row in rows)
            table = f"<table><thead>{_cells(head, 'th')}</thead><tbody>{body}</tbody></table>"
            return f"<details><summary>{escape(folded)}</summary>{table}</details>" if folded else table


def _cells(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
