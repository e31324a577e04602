"""What Excel can hold."""

# Characters, as it counts them.
LONGEST_CELL = 32_767
MOST_COLUMNS = 16_384
CUT = "…"


def excel_length(text: str) -> int:
    """It counts those beyond the first 65,536 twice, emoji among them."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def cell_text(text: str) -> str:
    """As it can stand in a cell: what is no character becomes a question mark, and what is too long is cut."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    if excel_length(whole) <= LONGEST_CELL:
        return whole
    kept = whole.encode("utf-16-le")[: 2 * (LONGEST_CELL - len(CUT))]
    return kept.decode("utf-16-le", "ignore") + CUT
