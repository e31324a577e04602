"""The pages, served with `streamlit run services/ui/src/ui/app.py`."""

from pathlib import Path

import streamlit as st
from pydantic import ValidationError

from ui.pages.alerts import alerts_page
from ui.pages.analyse import analyse_page
from ui.pages.models import models_page
from ui.settings import Settings
from ui.wording import ENGLISH

# An emoji, since Streamlit has the browser fetch named icons from a foreign host.
PAGE_ICON = "✈️"
STYLE = Path(__file__).with_name("style.css")


def main() -> None:
    st.set_page_config(page_title=ENGLISH.product, page_icon=PAGE_ICON, layout="centered")
    st.html(STYLE)
    try:
        Settings()
    except ValidationError as error:
        # Said here, to whoever set it: the page that needs it would only say that something went wrong.
        variables = ", ".join(f"UI_{problem['loc'][0]}".upper() for problem in error.errors(include_input=False))
        st.error(ENGLISH.misconfigured.format(variables=variables))
        return
    # The first address after a start is looked for among the files of `pages/`, and Streamlit runs that file by itself;
    # another is said not to exist. The pages often opened first have their files' names and are ready for that.
    pages = [
        st.Page(analyse_page, title=ENGLISH.analyse, url_path="tweet", default=True),
        st.Page(alerts_page, title=ENGLISH.alerts.page, url_path="alerts"),
        st.Page(models_page, title=ENGLISH.models.page, url_path="models"),
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":
    main()
