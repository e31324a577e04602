"""What a registered version is, in words: its facts, what the gate said of it, and its model card."""

import streamlit as st

from ui.api.model_answers import GateCheck, GateVerdict, RegisteredVersion
from ui.elements.facts import fact_list
from ui.elements.inert import plain_word, readable
from ui.elements.moments import moment
from ui.models.model_picture import Picture
from ui.words.language import wording

DIGEST_SHOWN = 12


def version_facts(picture: Picture, version: RegisteredVersion) -> None:
    facts = {
        wording().models.candidate: version.candidate or wording().models.unknown,
        wording().models.data: version.dataset or wording().models.unknown,
        wording().models.made: moment(version.created_at),
        wording().models.digest: short(version.digest),
    }
    if version.version == picture.models.champion:
        facts[wording().models.since] = since_words(picture)
    fact_list(f"version-{plain_word(version.version)}", facts)


def serving_notice(picture: Picture) -> None:
    """Where what answers is not the champion."""
    served, champion = picture.served, picture.models.champion
    if served is None:
        st.warning(wording().models.serves_unknown, icon=":material/hourglass:")
    elif served.refused is not None and served.refused.version == champion:
        words = wording().models.serves_refused.format(version=plain_word(served.version))
        st.warning(words, icon=":material/error:")
        st.text(readable(served.refused.reason), width="stretch")
    elif served.version != champion:
        st.info(wording().models.serves_other.format(version=plain_word(served.version)), icon=":material/hourglass:")


def since_words(picture: Picture) -> str:
    came = picture.came
    if came is None:
        return wording().models.since_unknown
    if not came.by:
        return moment(came.at)
    return wording().models.since_by.format(moment=moment(came.at), name=came.by)


def short(digest: str | None) -> str:
    return digest[:DIGEST_SHOWN] if digest else wording().models.unknown


def model_card(version: RegisteredVersion) -> None:
    """As the text that it is. Whoever may write into the registry may write the card: drawn as Markdown it could
    carry a link that misleads, or a picture that tells a foreign host who looks."""
    with st.expander(wording().models.card, key=f"card-{plain_word(version.version)}"):
        if version.card:
            st.code(readable(version.card), language=None, wrap_lines=True)
        else:
            st.caption(wording().models.no_card)


def gate_verdict(picture: Picture, version: RegisteredVersion) -> None:
    st.markdown(f"**{wording().models.gate}**")
    st.markdown(verdict_markup(picture, version))
    verdict = version.verdict
    if verdict is None:
        return
    st.caption(wording().models.judged_at.format(moment=moment(verdict.at)))
    failed = [check for check in verdict.checks if not check.passed]
    if failed:
        _checks(f"failed-{plain_word(version.version)}", failed)
    with st.expander(
        wording().models.every_check.format(count=len(verdict.checks)), key=f"every-check-{plain_word(version.version)}"
    ):
        _checks(f"all-{plain_word(version.version)}", verdict.checks)


def verdict_markup(picture: Picture, version: RegisteredVersion) -> str:
    """Icon, words and colour together: the colour is never the only sign."""
    colours = {"passed": "green", "failed": "red", "outdated": "orange", "none": "gray"}
    icons = {"passed": "check_circle", "failed": "cancel", "outdated": "history", "none": "pending"}
    state = verdict_state(picture, version)
    return f":{colours[state]}[:material/{icons[state]}: {verdict_words(picture, version)}]"


def verdict_state(picture: Picture, version: RegisteredVersion) -> str:
    verdict = version.verdict
    if verdict is None:
        return "none"
    if verdict.digest != version.digest:
        return "outdated"
    if not verdict.passed:
        return "failed"
    # What the champion passed on its way was against the champion before it.
    is_valid = version.version == picture.models.champion or version.refusal is None
    return "passed" if is_valid else "outdated"


def verdict_words(picture: Picture, version: RegisteredVersion) -> str:
    """Of ours, and safe beside markup."""
    verdict, own = version.verdict, plain_word(version.version)
    if verdict is None:
        return wording().models.not_judged.format(own=own)
    if verdict.digest != version.digest:
        return wording().models.other_bundle.format(own=own)
    against = plain_word(verdict.against_version or "") or "–"
    counted = _counted(verdict) | {"version": against, "own": own}
    if not verdict.passed:
        return wording().models.failed.format(**counted)
    if verdict_state(picture, version) == "outdated":
        return wording().models.outdated.format(**counted)
    words = wording().models.passed_alone if verdict.against_version is None else wording().models.passed
    return words.format(**counted)


def _counted(verdict: GateVerdict) -> dict[str, str]:
    passed = sum(check.passed for check in verdict.checks)
    count = len(verdict.checks)
    return {"passed": f"{passed}", "failed": f"{count - passed}", "count": f"{count}"}


def _checks(name: str, checks: list[GateCheck]) -> None:
    with st.container(key=f"checks-{name}", gap="xxsmall"):
        for number, check in enumerate(checks):
            with st.container(horizontal=True, gap="small", key=f"fact-check-{name}-{number}"):
                mark = ":green[:material/check_circle:]" if check.passed else ":red[:material/cancel:]"
                st.markdown(mark, width="content")
                st.text(readable(f"{check.name}: {check.found}"), width="stretch")
