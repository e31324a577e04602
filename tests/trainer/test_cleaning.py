"""Repair and key: what a tweet said before files spoilt it, and which tweets are the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainer.cleaning import key, keys, repair

EMOJI = ["😂", "❤️", "👍🏽", "👨‍👩‍👧", "✈️", "🇫🇷", "☀", "😡"]
SIGNS = [
    "@a",
    "rt",
    "via",
    "USER",
    "URL",
    "http",
    "http://x.y",
    "www.a.b",
    ":d",
    "=p",
    "<3",
    "'",
    "’",
    "_",
    "&amp;",
    "&",
    "#",
    "a",
    "aaa",
    "é",
    ".",
    "!",
    "😂",
    "3",
    ":",
]
SIGNS += ["e\u0301", " ", "\n", "\r", "\u200d", "\ufe0f"]
WORDS = st.lists(st.sampled_from(["flight", "late", "good", "not", "crew", "très", "bon", "naïve", "日本"]), min_size=1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("blÃ¤Ã¤ a headache", "blää a headache"),
        ("cafÃ© â\x82¬5", "café €5"),
        ("déjà vu", "déjà vu"),
        ("señor ☕", "señor ☕"),
        ("half broken Ã", "half broken Ã"),
        ("salt &amp; pepper &lt;3", "salt & pepper <3"),
        ("Tom &amp;amp; I", "Tom & I"),
        ("&" + "amp;" * 9, "&" + "amp;" * 6),
        ("me &nothing else &not", "me &nothing else &not"),
        ("it&#39;s", "it's"),
        ("  spaces around \n", "spaces around"),
        ("NA", "NA"),
    ],
)
def test_repair_gives_back_what_was_written(written: str, meant: str) -> None:
    assert repair(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"can\u2019t wait", "can’t wait"),
        (r"up \ud83d\ude00 up", "up 😀 up"),
        (r"half \ud83d of one", r"half \ud83d of one"),
        (r"a path C:\users", r"a path C:\users"),
        (r"twice \u005cu2019", r"twice \u2019"),
        (r"he said \"" + '"""well\\""""', 'he said "well"'),
    ],
)
def test_written_escapes_are_decoded_once(written: str, meant: str) -> None:
    assert repair(written, has_written_escapes=True) == meant


def test_escapes_stay_where_a_set_has_none() -> None:
    assert repair(r"regex \u2019") == r"regex \u2019"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("two hours Late Flight again", "two hours late again"),
        ("Late Flightr today", "later today"),
        ("5 HOURS Late FlightR NOW", "5 HOURS LATER NOW"),
        ("#ALWAYSLate Flight", "#ALWAYSLATE"),
        ("a chocoLate Flight cake, not reLate Flightd", "a chocolate cake, not related"),
        ("my Late Flight Flight", "my late Flight"),
        ("Cancelled Flightled twice", "cancelled twice"),
        ("Cancelled Flighted and Cancelled Flightlations", "canceled and cancellations"),
        ("delayed/Cancelled Flighting", "delayed/canceling"),
        ("please Cancelled Flight it", "please cancel it"),
        ("my Flight Booking Problems code", "my booking code"),
        ("reFlight Booking Problems, Re-Flight Booking Problemss", "rebooking, Re-bookings"),
        ("the late flight was cancelled", "the late flight was cancelled"),
    ],
)
def test_airline_artefacts_become_the_words_they_replaced(written: str, meant: str) -> None:
    assert repair(written, has_airline_artefacts=True) == meant


def test_airline_wording_stays_in_other_sets() -> None:
    assert repair("my Late Flight") == "my Late Flight"


@pytest.mark.parametrize(
    "same",
    [
        "@crew LOVES the new seats!!!",
        "USER loves the new seats URL",
        "loves the new seats http://t.co/abc @a_b",
        "Loves... the new seats :D",
        "loves the\nnew   seats <3",
        "loves the new seats www.example.org/a?b=@c",
        "&quot;loves the new seats&quot; =)",
        "lo\u200bves the new seats\ufeff",
        "RT @crew: loves the new seats",
        "loves the new seats (via USER)",
        "loves the new seatsUSER",
        "loves the new seatshttp://t.co/abc",
    ],
)
def test_dressing_does_not_make_another_tweet(same: str) -> None:
    assert key(same) == "loves the new seats"


@pytest.mark.parametrize(
    ("raw", "masked"),
    [("@bob's crew", "USER's crew"), ("bob@example.com", "bobUSER.com"), ("see@o'neil", "seeUSER'neil")],
)
def test_a_raw_tweet_and_a_masked_one_are_the_same(raw: str, masked: str) -> None:
    assert key(raw) == key(masked)


def test_accents_have_one_spelling() -> None:
    assert key("caf\u00e9") == key("cafe\u0301") != key("cafe")


def test_an_apostrophe_has_many_shapes_and_none() -> None:
    assert key("don't") == key("don’t") == key("dont")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1 to 4:3 now", "1 to 4 3 now"),
        ("url:xray", "xray"),
        ("users", "users"),
        ("USERS", "users"),
        ("art via air", "art via air"),
    ],
)
def test_what_only_looks_like_an_emoticon_or_a_mask_stays(text: str, kept: str) -> None:
    assert key(text) == kept


@pytest.mark.parametrize("text", ["", "   ", "@me @you", "USER URL", "http://t.co/x", "@me\n", "\u200b"])
def test_a_tweet_that_says_nothing_is_empty(text: str) -> None:
    assert key(text) == ""


@pytest.mark.parametrize("text", [":(", "@me :)", "!!!", "?", "&lt;3", ":D", "‼️", "... USER"])
def test_signs_alone_are_not_empty(text: str) -> None:
    assert key(text)


def test_smile_is_not_frown() -> None:
    assert key("@me :)") != key("@me :(")


def test_a_thousand_is_not_a_hundred() -> None:
    assert key("1000 miles") != key("100 miles")


def test_negation_makes_another_tweet() -> None:
    assert key("good") != key("not good")


def test_keys_of_many_are_the_keys_of_each() -> None:
    texts = ["@a one\ntwo", "", ":(", "three\r\nfour", "five\u2028six\x85seven", "a&#10;b", "rt", "@a via", "😀" * 9]
    assert keys(texts * 3000) == [key(text) for text in texts] * 3000


@given(st.text())
@example("us''er 'tis us'er @o'neil")
@example("see_http://x htt'p://y &amp;lt;3 :ddd")
@example("aa'a e'\u0301 ß ŉ ΐ")
def test_key_of_a_key_is_itself(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.lists(st.sampled_from(SIGNS)).map("".join))
def test_key_of_a_key_is_itself_among_twitter_signs(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.lists(st.sampled_from(EMOJI), min_size=1).map("".join))
def test_emoji_alone_are_never_empty(text: str) -> None:
    assert key(text)


@given(WORDS, st.sampled_from(["@someone ", "USER ", "http://t.co/1 ", "URL "]))
def test_who_it_is_said_to_does_not_matter(words: list[str], mask: str) -> None:
    text = " ".join(words)
    assert key(mask + text) == key(f"{text} {mask}") == key(text)


@given(WORDS)
def test_case_does_not_matter(words: list[str]) -> None:
    text = " ".join(words)
    assert key(text.upper()) == key(text.title()) == key(text)


@given(WORDS, st.integers(3, 12))
def test_how_long_a_letter_is_held_does_not_matter(words: list[str], times: int) -> None:
    text = " ".join(words)
    assert key(text + text[-1] * times) == key(text + text[-1] * 3)


@given(WORDS)
def test_words_are_kept(words: list[str]) -> None:
    assert key(" ".join(words)) == " ".join(words)
