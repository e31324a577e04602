"""What is masked of a tweet, what stays, and that the model sees no difference."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from inference.masking import mask

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
OURS = frozenset({"airparadis", "klm"})
# What has to do with a mask, to be put together in any order.
PIECES = (
    "@ ＠ a b user _x . - + ( ) / : % € $ # 0 00 6 06 12 33 212 555 0123 (0) 2 ２ ٣ 5678 612 345 678 77 66 "
    "http https http:// https:// HTTP:// :// url www. w WWW. t.co/ bit.ly/ com .com é e\u0301 \u0301 र ा ½ \u200b 😀 "
    "[phone] [email] @user http://url &amp; &lt; 0612345678 +33612345678 a@b.com @AirParadis"
)
NAMES_AND_ADDRESSES = (
    "@ @ lea Bob _x e é 's ! : / - 😀 ❤️ &amp; &lt; \u2019 x9 soooo USER w. http https http:// https:// Http:// www. "
    "Www. :// url/x @cafe\u0301_ @राहुल @AirParadis"
)
PHONE_NUMBERS = """06 12 34 56 78|06.12.34.56.78|0612345678|06-12-34-56-78|06\u00a012\u00a034\u00a056\u00a078
(0)1 42 34 56 78|+33 6 12 34 56 78|+33612345678|+33 (0)6 12 34 56 78|(+33) 6 12 34 56 78|0033 6 12 34 56 78
0800 123 456|(212) 555-0123|212-555-0123|212.555.0123|1-800-555-0123|+1 (212) 555 0123|2125550123|12125550123
+44 20 7946 0958|020 7946 0958|(020) 7946 0958|07700 900123|07700900123|+49 30 12345678|0171/1234567|02/123.45.67
0475 12 34 56|+971 50 123 4567|612 345 678|612 34 56 78|44 55 66 77|6123 4567|０６１２３４５６７８|٠٦١٢٣٤٥٦٧٨"""
OTHER_TEXT = """on 2026-11-25, 25/11/2026, 25.11.2026, 25-11-26, 05 06 2026 or 20261125
25-11-2026 14:30 to 26-11-2026 09:15, or 01.02.2026 10h30
open 0900-1700 and 1030-1245, since 2015-2016, gates 20 21 22 23
12 345 678 miles, 5000-6000 points, 1,000,000 or 1.000.000
paid $12345678, 10 000 000 €, €99.99, £1250.00 and +12 345 678 €, 99.99999999%
AF1234, AF 1234, BA0612345678, gate B12, seat 12A, PNR X4YZ12, ABC-0612345678
ticket 0572345678901, order 123456789012, card 1234567890123456, bag 0016 964012
item x0612345678y, #0612345678, Q0612345678Z
fish &amp; chips, &lt;3 &#39;ok&#39; 24/7 w/ me 50/50 @ home, a@ b
an http or www thing, t.cold/x, ＠ home"""
LONG = (
    "@|@a|a|a.|a.a.a.a@|a@|a@a.|x@a-|1|1 |1.|06 |+|+1|+33 6|(|(0)|(2|0|00|77 |612 |w|www.|http|http://|http:// |@http"
    "|/|t.co/|t.co/ |２|1-|12345678a|e\u0301|@e\u0301"
)


def texts_of(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=14).map("".join)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(CHAMPION / "tokenizer.json"))


@pytest.mark.parametrize(
    ("tweet", "masked"),
    [
        ("@Lea_92 no seat again", "@user no seat again"),
        ("thanks @bob, @amy & .@jo's crew", "thanks @user, @user & .@user's crew"),
        ("see https://example.com/a?b=1&c=@me now", "see http://url now"),
        ("WWW.example.org or HTTP://Example.org", "http://url or http://url"),
        ("photo: pic.twitter.com/AbC12 t.co/xY9 Twitter.com/lea", "photo: http://url http://url http://url"),
        ("@leahttp://t.co/abc", "@userhttp://url"),
        ("write to lea.martin+bag@mail.example.fr.", "write to [email]."),
        ("hélène@exämple.fr, bob@x.iohttp://y.z", "[email], [email]http://url"),
    ],
)
def test_people_and_addresses_are_masked(tweet: str, masked: str) -> None:
    assert mask(tweet) == masked


@pytest.mark.parametrize("number", re.split(r"[|\n]", PHONE_NUMBERS))
def test_phone_numbers_are_masked(number: str) -> None:
    assert mask(f"call {number}, please") == "call [phone], please"


@pytest.mark.parametrize("tweet", OTHER_TEXT.splitlines())
def test_the_rest_stays_as_it_is(tweet: str) -> None:
    assert mask(tweet) == tweet


def test_a_number_ends_where_the_next_word_begins() -> None:
    assert mask("+33 6 12 34 56 78 2 bags lost, 06 12 34 56 78 3 days ago") == "[phone] 2 bags lost, [phone] 3 days ago"


def test_the_airlines_own_handle_stays_in_any_case() -> None:
    assert mask("@AirParadis @KLM @lea @KLM_lea", OURS) == "@AirParadis @KLM @user @user"


def test_the_wide_sign_of_asian_keyboards_names_people_too() -> None:
    assert mask("＠lea 空港で lea＠example.com") == "@user 空港で [email]"


@hypothesis_settings(max_examples=500, deadline=None)
@given(
    texts_of([*PIECES.split(), " ", "\u00a0", "\n", "a" * 64]) | st.text(),
    st.sampled_from([frozenset(), OURS, frozenset({"a", "user"})]),
)
def test_masking_again_changes_nothing(text: str, keep: frozenset[str]) -> None:
    once = mask(text, keep)
    assert mask(once, keep) == once


@pytest.mark.parametrize(
    "tweet",
    [
        "@lea_92 3 hours at the gate!! http://t.co/AbC12",
        "RT @bob: @amy's seat was taken... https://example.com/@bob/1?x=&amp;y,thanks",
        "merci @hélène, @cafe\u0301 et @राहुल 😡😡 www.exemple.fr",
        ".@x_y-z (@a) @b/@c &lt;@d&gt; @12 @leahttp://t.co/q",
        "@AirParadis @KLM never again http://t.co/z",
        "nothing to mask here, sooooo late",
    ],
)
def test_the_model_reads_a_masked_tweet_as_the_tweet(tweet: str, tokenizer: Tokenizer) -> None:
    assert tokenizer.encode(mask(tweet, OURS)).ids == tokenizer.encode(tweet).ids


@hypothesis_settings(max_examples=500, deadline=None)
@given(text=texts_of([*NAMES_AND_ADDRESSES.split(), " ", " ", "\n"]))
def test_the_model_reads_names_and_addresses_anywhere_as_before(text: str, tokenizer: Tokenizer) -> None:
    masked = mask(text, OURS)
    assume("[email]" not in masked)
    assert tokenizer.encode(masked).ids == tokenizer.encode(text).ids


@pytest.mark.parametrize("length", [1000, 256 * 1024])
@pytest.mark.parametrize("unit", LONG.split("|"))
def test_no_text_takes_long(unit: str, length: int) -> None:
    """A quarter of a MiB takes a tenth of a second; steps that grew with its square would take minutes."""
    text = (unit * length)[:length]
    start = time.perf_counter()
    mask(text)
    assert time.perf_counter() - start < 4


def test_no_domain_takes_long() -> None:
    start = time.perf_counter()
    mask("a" * 64 + "@" + "b." * 128 * 1024)
    assert time.perf_counter() - start < 4
