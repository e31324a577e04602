"""What a person does on the page and reads from it, in the words of the tests."""

import json

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button


def button(page: AppTest, start_of_key: str) -> Button:
    return next(found for found in page.button if (found.key or "").startswith(start_of_key))


def shown(page: AppTest) -> str:
    """Everything the page says outside its fields and buttons."""
    kinds = (page.title, page.subheader, page.caption, page.markdown, page.text, page.error, page.warning, page.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def keys(page: AppTest) -> list[str]:
    return [found.key or "" for found in page.button]


def marked(page: AppTest) -> list[tuple[str, str]]:
    """The pieces of the tweet above its answer, each with the side it spoke for."""
    marks = next((each.proto for each in page.get("bidi_component") if each.proto.id.endswith("-marks")), None)
    return [] if marks is None else [(piece["text"], piece["side"]) for piece in json.loads(marks.json)["pieces"]]


def type_and_analyse(page: AppTest, text: str) -> None:
    page.text_area(key="tweet").set_value(text)
    button(page, "analyse").click().run()


def press(page: AppTest, start_of_key: str) -> None:
    button(page, start_of_key).click().run()


def write_comment(page: AppTest, comment: str) -> None:
    page.text_area[1].set_value(comment)
