"""Where MLflow's own pages show a version and the run that made it."""

from urllib.parse import quote

import streamlit as st

from ui.api.model_answers import RegisteredVersion
from ui.elements.inert import plain_word
from ui.words.language import wording


def registry_links(mlflow_url: str, registered_model: str, version: RegisteredVersion) -> None:
    """Nothing where the pages were not told MLflow's address."""
    if not mlflow_url or not registered_model:
        return
    with st.container(horizontal=True, key=f"links-{plain_word(version.version)}", gap="small"):
        st.link_button(
            wording().models.link_version,
            version_page(mlflow_url, registered_model, version.version),
            type="tertiary",
            icon=":material/open_in_new:",
        )
        run = run_page(mlflow_url, version)
        if run is not None:
            st.link_button(wording().models.link_run, run, type="tertiary", icon=":material/open_in_new:")


def version_page(mlflow_url: str, registered_model: str, version: str) -> str:
    return f"{mlflow_url.rstrip('/')}/#/models/{quote(registered_model, safe='')}/versions/{quote(version, safe='')}"


def run_page(mlflow_url: str, version: RegisteredVersion) -> str | None:
    if version.run_id is None or version.experiment_id is None:
        return None
    experiment, run = quote(version.experiment_id, safe=""), quote(version.run_id, safe="")
    return f"{mlflow_url.rstrip('/')}/#/experiments/{experiment}/runs/{run}"
