"""What may stand where a text does: broken encodings, numbers that are none, wrong types, and odd but honest texts."""

from corpus import CANARY, GOOD, Value, quoted

WORD = CANARY.decode()


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


BROKEN_TEXTS = [
    Value("high surrogate, escaped", quoted(rf"{WORD} \ud800"), 400),
    Value("low surrogate, escaped", quoted(rf"{WORD} \udc00"), 400),
    Value("surrogates the wrong way round, escaped", quoted(rf"{WORD} \udc00\ud800"), 400),
    Value("high surrogate before a letter, escaped", quoted(rf"{WORD} \ud83dx"), 400),
    Value("lone surrogate, raw", quoted(b"%s \xed\xa0\x80" % CANARY), 400),
    Value("surrogate pair, raw (CESU-8)", quoted(b"%s \xed\xa0\xbd\xed\xb8\x80" % CANARY), 400),
    Value("a byte that is never UTF-8", quoted(b"%s \xff" % CANARY), 400),
    Value("continuation without a beginning", quoted(b"%s \x80" % CANARY), 400),
    Value("character cut in two", quoted(b"%s \xe2\x82" % CANARY), 400),
    Value("overlong slash", quoted(b"%s \xc0\xaf" % CANARY), 400),
    Value("overlong slash of three bytes", quoted(b"%s \xe0\x80\xaf" % CANARY), 400),
    Value("overlong NUL", quoted(b"%s \xc0\x80" % CANARY), 400),
    Value("five bytes for one character", quoted(b"%s \xf8\x88\x80\x80\x80" % CANARY), 400),
    Value("beyond the last code point", quoted(b"%s \xf4\x90\x80\x80" % CANARY), 400),
    Value("Latin-1", quoted(b"%s caf\xe9" % CANARY), 400),
    Value("NUL, raw", quoted(b"%s \0" % CANARY), 400),
    Value("line feed, raw", quoted(b"%s \n" % CANARY), 400),
    Value("tabulator, raw", quoted(b"%s \t" % CANARY), 400),
    Value("control character, raw", quoted(b"%s \x01" % CANARY), 400),
    Value("escape, raw", quoted(b"%s \x1b[31m" % CANARY), 400),
    Value("an escape that is none", quoted(rf"{WORD} \x41"), 400),
    Value("half an escape", quoted(rf"{WORD} \u12"), 400),
    Value("without its last quote", b'"' + CANARY, 400),
    Value("single quotes", b"'%s'" % CANARY, 400),
    Value("no quotes", CANARY, 400),
    Value("NUL, escaped", quoted(rf"{WORD} \u0000"), 422),
]

NUMBERS = [
    Value("NaN", b"NaN", 400),
    Value("Infinity", b"Infinity", 400),
    Value("-Infinity", b"-Infinity", 400),
    Value("1e999", b"1e999", 400),
    Value("-1e999", b"-1e999", 400),
    Value("5,000 digits", b"9" * 5000, 400),
    Value("5,000 digits behind the point", b"0." + b"9" * 5000, 422),
    Value("leading zero", b"01", 400),
    Value("plus sign", b"+1", 400),
    Value("hexadecimal", b"0x10", 400),
    Value("point without a digit before", b".5", 400),
    Value("point without a digit behind", b"1.", 400),
]

WRONG_TYPES = [
    Value("null", b"null", 422, as_comment=GOOD),
    Value("true", b"true", 422),
    Value("integer", b"0", 422),
    Value("minus zero", b"-0", 422),
    Value("fraction", b"1.5", 422),
    Value("empty list", b"[]", 422),
    Value("list with a text", b"[%s]" % quoted(CANARY), 422),
    Value("empty object", b"{}", 422),
    Value("object", b'{"%s":"%s"}' % (CANARY, CANARY), 422),
    Value("nested 30 deep", nested(30), 422),
    Value("nested 33 deep", nested(33), 400),
    Value("nested 1,000 deep", nested(1000), 400),
    Value("nested 1,000 deep, never closed", b"[" * 1000, 400),
]

LENGTHS = [
    Value("1,000 characters", quoted((WORD + " ").ljust(1000, "x")), GOOD),
    Value("1,001 characters", quoted((WORD + " ").ljust(1001, "x")), 422),
    Value("1,000 emoji", quoted("😀" * 1000), GOOD),
    Value("1,001 emoji", quoted("😀" * 1001), 422),
    Value("1,000 emoji, escaped", quoted(r"\ud83d\ude00" * 1000), GOOD),
    Value("1,000 CJK characters", quoted("航" * 1000), GOOD),
    Value("1,000 accents composed", quoted("é" * 1000), GOOD),
    # A text is counted after NFC, a comment in code points.
    Value("1,000 accents in two parts", quoted("e\u0301" * 1000), GOOD, as_comment=422),
    Value("1,001 accents in two parts", quoted("e\u0301" * 1001), 422),
    Value("empty", quoted(""), 422, as_comment=GOOD),
]

# What str.isspace knows, without those that JSON has to escape.
SPACES = "".join(space for space in map(chr, range(0x110000)) if space.isspace() and space >= " ")

HONEST_TEXTS = [
    Value("white space of every kind", quoted(SPACES), 422, as_comment=GOOD),
    Value("white space of every kind, escaped", quoted(r"\t\n\u000b\f\r\u001c\u001f\u0085\u00a0\u3000"), 422, GOOD),
    Value("white space around a word", quoted(f"{SPACES}{WORD}{SPACES}"), GOOD),
    Value("zero width only", quoted("\u200b\u200c\u200d\u2060\ufeff"), GOOD),
    Value("emoji, escaped", quoted(rf"{WORD} \ud83d\ude00"), GOOD),
    Value("families joined by zero width", quoted(f"{WORD} " + "👨\u200d👩\u200d👧\u200d👦" * 50), GOOD),
    Value("flags, keycaps and skin tones", quoted(f"{WORD} 🇫🇷🏴\U000e0067\U000e007f 1\ufe0f\u20e3 👋🏿"), GOOD),
    Value("right to left, overridden", quoted(f"{WORD} \u202egnp.exe\u202c \u2066شركة\u2069 \u200f"), GOOD),
    Value("Zalgo", quoted(f"{WORD} " + ("Z" + "\u0334\u0310\u0321\u0356" * 6) * 10), GOOD),
    Value("an accent on nothing", quoted(f"\u0301{WORD}"), GOOD),
    Value("CJK", quoted(f"{WORD} 航空公司弄丢了我的行李 手荷物が届かない 짐이 없어졌어요"), GOOD),
    Value("only addresses", quoted(f"https://t.co/{WORD} http://x.example/?q={WORD}"), GOOD),
    Value("only handles", quoted(f"@{WORD} @airline"), GOOD),
    Value("byte order mark in the text", quoted(f"\ufeff{WORD}"), GOOD),
    Value("code points that are no characters", quoted(f"{WORD} \uffff\ufdd0\U0010ffff"), GOOD),
    Value("for private use, and not assigned", quoted(f"{WORD} \ue000\U000f0000\u0378"), GOOD),
    Value("delete, raw", quoted(f"{WORD} \x7f"), GOOD),
    Value("control characters, escaped", quoted(rf"{WORD} \u0001\b\u001b[31m\u009f"), GOOD),
    Value("every short escape", quoted(rf"{WORD} \"\\\/\b\f\n\r\t"), GOOD),
    Value("a script", quoted(f"<script>{WORD}</script><img src=x onerror={WORD}>"), GOOD),
    Value("SQL", quoted(f"{WORD}'; DROP TABLE predictions; --"), GOOD),
    Value("templates", quoted(f"{WORD} {{{{7*7}}}} ${{7*7}} %s %n =CMD()"), GOOD),
    Value("line ends of Unicode", quoted(f"{WORD}\u2028{WORD}\u2029{WORD}\u0085"), GOOD),
]

VALUES = [*BROKEN_TEXTS, *NUMBERS, *WRONG_TYPES, *LENGTHS, *HONEST_TEXTS]
