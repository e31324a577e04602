"""What the theme cannot say: the style sheets of `styles/`, one for all pages and one for each that needs its own."""

from functools import cache
from pathlib import Path

import streamlit as st

SHEETS = Path(__file__).parents[1] / "styles"


def show_style() -> None:
    st.html(style_markup())


@cache
def style_markup() -> str:
    rules = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sorted(SHEETS.glob("*.css")))
    return f"<style>{rules}</style>"
