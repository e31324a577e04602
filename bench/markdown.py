"""Tables and figures as Markdown; a dash is what was not measured."""

import math


def table_head(*heads: str) -> list[str]:
    return [table_row(*heads), "|" + "---|" * len(heads)]


def table_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def number(figure: float) -> str:
    """Three digits that mean something."""
    if math.isnan(figure):
        return "–"
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def share(figure: float) -> str:
    return "–" if math.isnan(figure) else f"{figure:.0%}" if figure >= 0.01 else f"{figure:.2%}"
