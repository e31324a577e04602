"""What is kept of a text, and of a person: the text masked if so set, the person under a pseudonym only.

A pseudonym is a keyed hash, because a plain one is undone by trying all handles. It stays personal data, and is erased
as such.
"""

import hashlib
import hmac
import unicodedata

from inference.masking import mask


class Privacy:
    def __init__(self, subject_key: str, *, mask_text: bool = False, keep_handles: str = "") -> None:
        """`keep_handles`: those that no mask hides, apart by blanks or commas."""
        self._key = subject_key.encode()
        self._mask_text = mask_text
        self._keep = frozenset(keep_handles.replace(",", " ").replace("@", "").lower().split())

    def kept(self, text: str) -> str:
        """As it goes into the database."""
        return self.masked(text) if self._mask_text else text

    def masked(self, text: str) -> str:
        """As it may leave: into a message, or to Application Insights."""
        return mask(text, self._keep)

    def pseudonym(self, subject: str) -> str:
        """64 hexadecimal digits; the same for the same person under the same key, however the accents were typed."""
        name = unicodedata.normalize("NFC", subject.strip())
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()

    def pseudonym_if_named(self, subject: str | None) -> str | None:
        return None if subject is None else self.pseudonym(subject)
