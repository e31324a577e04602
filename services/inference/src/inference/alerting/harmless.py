"""Words of strangers on their way to people: an alert quotes what anybody may have written in a tweet.

What is taken out or broken up here is what a mail program or a chat would act on instead of showing it.
"""

import re

# Bytes that end a field or a document, halves of characters that no encoding takes, and the marks that turn the
# direction of writing, behind which a text reads as another.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

# Chats ping on @name, @**all**, <@id>, <!channel>, <users/all> and <at id=...>, hide an address behind
# [words](address), [words][1] and <address|words>, and fetch ![picture](address) at once.
# A space that takes no room breaks them up: no parser of these reads across it.
BREAK = "\u200b"
ACTED_ON = re.compile(rf"[@<](?=[^\s{BREAK}])|\](?=[(\[:])")


def writable(text: str) -> str:
    """The lines of a text, without what cannot be written into a document of any kind."""
    return UNWRITABLE.sub("", "\n".join(text.splitlines()))


def one_line(text: str) -> str:
    """A text that has no second line, so that it cannot go on as a header of its own."""
    return " ".join(writable(text).split())


def inert(text: str) -> str:
    """What a chat shows as it stands: it names nobody, hides no address and loads no picture.

    Stars and underlines are left alone; they only look different. Apprise escapes Markdown and HTML where it says so
    to the service, but hands plain text on as it is, to services that look for markup in any text.
    """
    return ACTED_ON.sub(rf"\g<0>{BREAK}", writable(text))
