"""In which encoding a file of text is written: UTF-8 or UTF-16, as most are, else what Windows wrote before."""

import codecs

from ui.batch.sheet import Unreadable

CHUNK = 1 << 20
LOOKED_AT = 4096
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The bytes that Windows-1252 does not know.
UNKNOWN = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])


def find_encoding(data: bytes) -> str:
    """Its name in Python; all of the file can be read with it."""
    if data.startswith(UTF_16):
        return _require(data, "utf-16")
    if data[:LOOKED_AT].count(0) > len(data[:LOOKED_AT]) // 4:
        raise Unreadable(lambda words: words.batch.not_text)
    if _is_readable(data, "utf-8"):
        return "utf-8-sig"
    if any(byte in data for byte in UNKNOWN):
        raise Unreadable(lambda words: words.batch.unknown_encoding)
    return "cp1252"


def _require(data: bytes, encoding: str) -> str:
    if not _is_readable(data, encoding):
        raise Unreadable(lambda words: words.batch.unknown_encoding)
    return encoding


def _is_readable(data: bytes, encoding: str) -> bool:
    # In pieces: as one string a file takes up to four times its size.
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), CHUNK):
            decoder.decode(data[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
