"""Rows and columns of plain text. Streamlit's own tables carry out markup, or cut what is long; these do neither.

How wide the columns are, and how a row folds on a narrow screen, stands in `style.css` under the name of the grid.
"""

from collections.abc import Sequence

import streamlit as st

from ui.elements.inert import readable


def text_grid(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with st.container(key=f"grid-{name}", gap="xxsmall"):
        with st.container(key=f"row-{name}-headings"):
            for heading in headings:
                st.caption(heading)
        for number, row in enumerate(rows):
            with st.container(key=f"row-{name}-{number}"):
                for cell in row:
                    st.text(readable(cell), width="stretch")
