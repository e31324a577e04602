"""The pages, served with `streamlit run services/ui/src/ui/app.py`."""

import streamlit as st
from pydantic import ValidationError

from ui.elements.safety import without_traces
from ui.elements.style import show_style
from ui.pages.alerts import alerts_page
from ui.pages.analyse import analyse_page
from ui.pages.models import models_page
from ui.settings import Settings
from ui.words.language import language_switch, wording

# An emoji, since Streamlit has the browser fetch named icons from a foreign host.
PAGE_ICON = "✈️"


def main() -> None:
    st.set_page_config(page_title=wording().product, page_icon=PAGE_ICON, layout="centered")
    show_style()
    if is_misconfigured():
        return
    # The first address after a start is looked for among the files of `pages/`, and Streamlit runs that file by itself;
    # another is said not to exist. So each page has its file's name and is ready for that.
    pages = [
        st.Page(analyse_page, title=wording().analyse, url_path="tweet", default=True),
        st.Page(alerts_page, title=wording().alerts.page, url_path="alerts"),
        st.Page(models_page, title=wording().models.page, url_path="models"),
    ]
    page = st.navigation(pages, position="top")
    with st.container(key="manners", horizontal=True, horizontal_alignment="right"):
        language_switch()
    with without_traces():
        page.run()


def is_misconfigured() -> bool:
    try:
        Settings()
    except ValidationError as error:
        # Said here, to whoever set it: the page that needs it would only say that something went wrong.
        variables = ", ".join(f"UI_{problem['loc'][0]}".upper() for problem in error.errors(include_input=False))
        st.error(wording().misconfigured.format(variables=variables))
        return True
    return False


if __name__ == "__main__":
    main()
