"""The pages, served with `streamlit run services/ui/src/ui/app.py`."""

import streamlit as st
from pydantic import ValidationError
from pydantic_settings import SettingsError

from ui.elements.inert import readable
from ui.elements.safety import without_traces
from ui.elements.style import show_style
from ui.pages.alerts import alerts_page
from ui.pages.analyse import analyse_page
from ui.pages.batch import batch_page
from ui.pages.models import models_page
from ui.pages.monitor import monitor_page
from ui.pages.review import review_page
from ui.people.entrance import closed, entrance, who_is_here
from ui.people.sign_in import is_wanted, missing_parts
from ui.people.visitor import arrive
from ui.settings import Settings, variables_at_fault
from ui.words.language import language_switch, wording

# An emoji, since Streamlit has the browser fetch named icons from a foreign host.
PAGE_ICON = "✈️"


def main() -> None:
    st.set_page_config(page_title=wording().product, page_icon=PAGE_ICON, layout="centered")
    show_style()
    settings = working_settings()
    if settings is None:
        return
    person = arrive(settings)
    # The first address after a start is looked for among the files of `pages/`, and Streamlit runs that file by itself;
    # another is said not to exist. So each page has its file's name and is ready for that.
    pages = [
        st.Page(analyse_page, title=wording().analyse, url_path="tweet", default=True),
        st.Page(batch_page, title=wording().batch.page, url_path="batch"),
        st.Page(review_page, title=wording().review.page, url_path="review"),
        st.Page(monitor_page, title=wording().monitor.page, url_path="monitor"),
        st.Page(models_page, title=wording().models.page, url_path="models"),
        # Of messages that were sent before the page had its present name.
        st.Page(alerts_page, title=wording().monitor.page, url_path="alerts", visibility="hidden"),
    ]
    page = st.navigation(pages, position="hidden" if person is None else "top")
    if person is not None:
        who_is_here(person)
    with st.container(key="manners", horizontal=True, horizontal_alignment="right"):
        language_switch()
    with without_traces():
        if person is None:
            entrance(settings)
        else:
            page.run()


def working_settings() -> Settings | None:
    """None once it is said what does not work."""
    try:
        settings = Settings()
    except ValidationError as error:
        # Said here, to whoever set it: the page that needs it would only say that something went wrong.
        st.error(wording().misconfigured.format(variables=", ".join(variables_at_fault(error))))
        return None
    except SettingsError as error:
        # A file, and why it cannot be read.
        st.error(wording().unreadable)
        st.text(readable(str(error)))
        return None
    if is_wanted(settings) and (missing := missing_parts(settings)):
        closed(settings, missing)
        return None
    return settings


if __name__ == "__main__":
    main()
