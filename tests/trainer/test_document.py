"""One page as Markdown and as HTML, whatever its texts hold."""

from html.parser import HTMLParser

import pytest

from trainer.document import Heading, Listing, Literal, Paragraph, Table, to_html, to_markdown

NASTY = '<script>alert("1")</script> | **late** `again` [x](https://example.org)\n# and & more_'


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "block",
    [
        Heading(NASTY),
        Paragraph(NASTY),
        Paragraph(NASTY, "bad"),
        Listing([NASTY]),
        Literal(NASTY),
        Table([NASTY], [[NASTY]]),
        Table(["head"], [["cell"]], folded=NASTY),
    ],
)
def test_a_tweet_with_tags_stays_text_in_html(block: Heading | Paragraph | Listing | Literal | Table) -> None:
    page = Tags(to_html(NASTY, [block]))
    assert "script" not in page.tags and "a" not in page.tags
    assert NASTY in page.text


def test_a_page_needs_nothing_beside_it() -> None:
    page = Tags(to_html("t", [Heading("h"), Table(["a"], [["b"]], folded="c")]))
    assert not {"src", "href", "onclick"} & set(page.attributes)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)


def test_a_tweet_with_bars_and_line_ends_is_one_cell_of_a_table() -> None:
    *_, row = to_markdown([Table(["tweet", "label"], [["late | lost\n| x", "negative"]])]).strip().splitlines()
    assert row == "| late \\| lost \\| x | negative |"


def test_markup_is_read_as_text_in_markdown() -> None:
    text = to_markdown([Paragraph(NASTY)])
    assert "<script" not in text and "\\[x\\](" in text and "\\*\\*late" in text and "\\`again" in text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("us_airline fell", "us_airline fell"),
        ("# late", "\\# late"),
        ("- late", "\\- late"),
        ("1. late", "1\\. late"),
        ("12 people", "12 people"),
    ],
)
def test_a_sentence_does_not_become_a_heading_or_a_list(text: str, written: str) -> None:
    assert to_markdown([Paragraph(text)]) == f"{written}\n"


def test_a_text_with_a_fence_of_its_own_stays_in_its_fence() -> None:
    text = to_markdown([Literal("before\n```\nmake\n```\nafter")])
    assert text.startswith("````\nbefore") and text.endswith("after\n````\n")
