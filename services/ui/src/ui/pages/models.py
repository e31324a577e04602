"""The page of models: who answers, who wants to and what speaks for it, and the forms to promote and to roll back."""

import streamlit as st

from ui.elements.freshness import freshness
from ui.elements.inert import plain_word
from ui.elements.safety import part_of_page
from ui.models.model_board import ModelBoard
from ui.models.model_chart import model_chart
from ui.models.model_picture import VERSIONS_READ, Picture
from ui.models.model_tables import journal_table, version_table
from ui.models.move_form import promotion_form, rollback_form
from ui.models.registry_links import registry_links
from ui.models.shadow_facts import shadow_facts
from ui.models.versions import gate_verdict, model_card, serving_notice, version_facts
from ui.monitor.drift_state import drift_state
from ui.people.nameplate import current_nameplate
from ui.people.visitor import kept_for_visitor
from ui.words.language import wording


def models_page() -> None:
    st.title(wording().models.page, anchor=False)
    part_of_page(overview, run_every=current_board().settings.refresh_seconds)


def overview() -> None:
    board = current_board()
    with board.lock:
        board.refresh()
        draw(board)


def draw(board: ModelBoard) -> None:
    # In boxes of their own, so that what somebody types into does not move when they grow.
    with st.container(key="freshness"):
        freshness(board, wording().models.refused)
    picture = board.picture
    if picture is None:
        return
    with st.container(key="champion"):
        _champion(picture, board.settings.mlflow_url)
    with st.container(key="challenger"):
        _challenger(picture, board.settings.mlflow_url)
    with st.container(key="chart"):
        model_chart(picture)
    with st.container(key="promotion"):
        promotion_form(board, picture)
    with st.container(key="rollback"):
        rollback_form(board, picture)
    with st.container(key="drift"):
        drift_state(picture.drift, picture.models.champion)
    with st.container(key="journal"):
        journal_table(picture)
    with st.container(key="versions"):
        version_table(picture)


def _champion(picture: Picture, mlflow_url: str) -> None:
    number = picture.models.champion
    if number is None:
        st.subheader(wording().models.no_champion, anchor=False)
        st.markdown(wording().models.no_champion_what)
        return
    with st.container(border=True, key="card-champion"):
        words = wording().models.champion.format(version=plain_word(number))
        st.subheader(f":green[:material/verified:] {words}", anchor=False)
        version = picture.champion
        if version is None:
            st.caption(wording().models.unlisted.format(count=VERSIONS_READ))
            return
        serving_notice(picture)
        version_facts(picture, version)
        model_card(version)
        registry_links(mlflow_url, picture.models.registered_model, version)


def _challenger(picture: Picture, mlflow_url: str) -> None:
    number = picture.models.challenger
    if number is None or number == picture.models.champion:
        st.subheader(wording().models.no_challenger, anchor=False)
        st.markdown(wording().models.no_challenger_what)
        return
    with st.container(border=True, key="card-challenger"):
        words = wording().models.challenger.format(version=plain_word(number))
        st.subheader(f":blue[:material/swords:] {words}", anchor=False)
        version = picture.challenger
        if version is None:
            st.caption(wording().models.unlisted.format(count=VERSIONS_READ))
            return
        version_facts(picture, version)
        model_card(version)
        registry_links(mlflow_url, picture.models.registered_model, version)
        st.divider()
        gate_verdict(picture, version)
        st.divider()
        shadow_facts(picture.comparison)


def current_board() -> ModelBoard:
    board = kept_for_visitor("model_board", ModelBoard)
    board.plate = current_nameplate()
    return board


# Streamlit runs this file by itself where /models is the first address opened after a start. It is then the app that
# runs, as always, and finds this page by its address.
if __name__ == "__main__":
    from ui.app import main

    main()
