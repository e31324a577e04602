"""A tweet without the people in it: handles, addresses, e-mail addresses and phone numbers give way to fixed words.

For texts that are kept or passed on. The tokenizer of the served models masks handles and addresses itself; what is put
in their place here becomes the same tokens, so that a masked tweet is classified as it was.
"""

import re
from functools import partial

HANDLE_MASK, ADDRESS_MASK, EMAIL_MASK, PHONE_MASK = "@user", "http://url", "[email]", "[phone]"

# The marks that letters carry (accents; Hebrew, Arabic, India, Thai, Lao, Myanmar, Khmer, Japanese) are part of a word
# for the tokenizer, but not for `re`. Between those of one script stand its letters.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0963\u0981-\u09e3\u0a01-\u0a75"
    "\u0a81-\u0ae3\u0b01-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0ce3\u0d00-\u0d4d\u0d81-\u0df3\u0e31-\u0e3a"
    "\u0e47-\u0e4e\u0eb1-\u0ecd\u102b-\u103e\u17b4-\u17d3\u3099-\u309a"
)
_IN_WORD = rf"\w{_MARKS}"

# The tokenizer's. It opens with the letters it looks for and looks back from there: that is what lets `re` skip ahead.
_ADDRESS = re.compile(r"[hHwW](?:(?<=[hH])[tT][tT][pP][sS]?://|(?<=[wW])(?<![^\W_].)[wW]{2}\.)\S+")
_WWW = re.compile(r"\.(?<=[wW]{3}\.)")
# Bare, as a screen shows them. The tokenizer takes these for words, but they lead to a person.
_SHORT_LINK_SIGN = re.compile(r"\.(?:co|ly|gl|be|me|com)/", re.IGNORECASE)
_SHORT_LINK = re.compile(
    rf"(?<![{_IN_WORD}.@/-])(?:t\.co|bit\.ly|ow\.ly|goo\.gl|youtu\.be|fb\.me|x\.com|(?:pic\.|mobile\.)?twitter\.com)/\S+",
    re.IGNORECASE,
)

# Twitter takes the wide sign of Asian keyboards for the other.
_WIDE_AT = re.compile(rf"\uff20(?=[{_IN_WORD}])")
# A name ends where an address is glued to it.
_UP_TO_ADDRESS = rf"(?={ADDRESS_MASK})"
_HANDLE = re.compile(rf"@(?:[{_IN_WORD}]++(?<!http)|[{_IN_WORD}]+?{_UP_TO_ADDRESS}|[{_IN_WORD}]++(?!://url))")
_EMAIL_SIGN = re.compile(rf"@(?<=[{_IN_WORD}].)[{_IN_WORD}][{_IN_WORD}-]*+\.[{_IN_WORD}]")
# A mail server takes 64 before the @ (RFC 5321, 4.5.3.1.1). Both bounds keep the search of a long word short.
_EMAIL = re.compile(
    rf"[{_IN_WORD}.+%-]{{1,64}}+(?<=[{_IN_WORD}])@(?:[{_IN_WORD}][{_IN_WORD}-]*+\.){{1,8}}"
    rf"[^\W\d_]{{2,}}?(?:{_UP_TO_ADDRESS}|(?![^\W\d_]))"
)

_GAP = r"[ .\-\u00a0\u202f\u2010-\u2013]"
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_EIGHT_DIGITS = re.compile(r"\d(?:\W{0,3}\d){7}")
# Told by their shape, so that dates, hours, prices and numbers of flights, seats and tickets stay. A plain run of
# digits is a phone number where it begins like one: 0 and 10 or 11 digits, or 10 that North America could have given
# out. Such a bag tag or card number goes with them, which is no loss: it belongs to a person too, and tells no mood.
_PHONE_SHAPES = (
    # 06 12 34 56 78, (0)1.42.34.56.78, +33 (0)6 12 34 56 78
    rf"(?:\(?(?:\+|00)33\)?{_GAP}?(?:0|\(0\))?|0|\(0\)){_GAP}?[1-9](?P<fr>{_GAP}?)\d\d(?:(?P=fr)\d\d){{3}}",
    # (212) 555-0123, 1-800-555-0123, 2125550123
    rf"(?:\+?1{_GAP}?)?(?:\([2-9]\d\d\){_GAP}?|[2-9]\d\d{_GAP})\d{{3}}{_GAP}\d{{4}}",
    rf"(?:1{_GAP}?)?[2-9]\d\d[2-9]\d{{6}}",
    # Any country's, from abroad: 8 to 15 digits, after 00 one more, as a bag tag has 10 in all
    rf"(?:\+|00(?=(?:{_GAP}?\d){{9}}))[1-9](?:(?:{_GAP}|[()]){{0,2}}\d){{7,14}}",
    # 020 7946 0958, 0800 123 456, 0171/1234567, 02/123.45.67, 0475 12 34 56; not 0900-1700, which are hours
    rf"(?!0\d[0-5]\d{_GAP}?[0-2]\d[0-5]\d(?!\d))\(?0 ?[1-9]\d{{0,3}}\)?(?:{_GAP}|/)"
    rf"(?:\d{{3,4}}{_GAP}?\d{{3,4}}|(?:\d{{3}}|(?<=\d{{3}}.)\d\d)(?:{_GAP}\d\d){{2}}|\d{{5,8}})",
    r"0[1-9]\d{9}",
    # Without a 0 in front; two by two only above 31, because below they may be days or hours
    r"(?:3[2-9]|[4-9]\d)(?P<two>[ -])\d\d(?:(?P=two)\d\d){2}",
    r"[6-9]\d\d(?:(?P<three>[ -])\d{3}(?P=three)(?!000)\d{3}|(?:[ -]\d\d){3})",
    # Neither years and hours (2015-2016, 2000-2130) nor what is round (5000-6000)
    r"(?!2[0-3]|\d\d00)[2-9]\d{3}[ -]\d{4}",
)
# The look ahead in front is there for speed. What may not stand beside a number is never what masking puts or takes
# there, or a second masking would find more than the first.
_PHONE = re.compile(
    r"(?=[+(\d])(?<![^\W\d])(?<![#$€£])(?<![^\W\d]-)(?:(?<!\d)|(?=[+(]))"
    rf"(?:{'|'.join(_PHONE_SHAPES)})(?![\w%]| ?[$€£])"
)


def mask(text: str, keep: frozenset[str] = frozenset()) -> str:
    """The text with `@user`, `http://url`, `[email]` and `[phone]` in it; all else stays as it was, to the byte.

    `keep` has handles in lower case, without the @, that stay: an airline's own is no person's, and the tokenizer has
    a token of its own for airlines. Masking again changes nothing. The time it takes grows with the length alone.
    Not seen through: a name, number or address with characters of no width inside.
    """
    if "://" in text or (("w." in text or "W." in text) and _WWW.search(text)):
        text = _ADDRESS.sub(ADDRESS_MASK, text)
    if "/" in text and _SHORT_LINK_SIGN.search(text):
        text = _SHORT_LINK.sub(ADDRESS_MASK, text)
    if "\uff20" in text:
        text = _WIDE_AT.sub("@", text)
    if "@" in text:
        text = _mask_names(text, keep)
    if _EIGHT_DIGITS.search(text):
        text = _mask_phones(text)
    return text


def _mask_names(text: str, keep: frozenset[str]) -> str:
    if _EMAIL_SIGN.search(text):
        text = _EMAIL.sub(EMAIL_MASK, text)
    return _HANDLE.sub(partial(_unless_kept, keep) if keep else HANDLE_MASK, text)


def _unless_kept(keep: frozenset[str], handle: re.Match[str]) -> str:
    return handle[0] if handle[0][1:].lower() in keep else HANDLE_MASK


def _mask_phones(text: str) -> str:
    if not _FOREIGN_DIGIT.search(text):
        return _PHONE.sub(PHONE_MASK, text)
    # Digit for digit, so that what is found in the one has the same place in the other.
    plain = _FOREIGN_DIGIT.sub(lambda digit: str(int(digit[0])), text)
    pieces, end = [], 0
    for phone in _PHONE.finditer(plain):
        pieces += [text[end : phone.start()], PHONE_MASK]
        end = phone.end()
    return "".join([*pieces, text[end:]])
