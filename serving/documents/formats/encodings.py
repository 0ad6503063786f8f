"""Bytes to text. Pages declare their encoding by the web's rules; plain texts declare none."""

import codecs

MOST_GUESSED_BYTES = 1_000_000
UNICODE_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_page(content: bytes, *labels: str | None) -> str:
    """By its mark, else by the first label that browsers know, else UTF-8 or what westerners wrote
    before it (encoding.spec.whatwg.org): there iso-8859-1 means windows-1252, and gb2312 means GBK.
    """
    import webencodings

    known = (webencodings.lookup(label) for label in labels if label)
    encoding = next((each for each in known if each is not None), None)
    text: str = webencodings.decode(content, encoding or _undeclared(content))[0]
    return text


def _undeclared(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def decode_text(content: bytes) -> tuple[str, str]:
    """The text and, where its encoding had to be guessed, which one. Raises ValueError."""
    for mark, encoding in UNICODE_MARKS:
        if content.startswith(mark):
            return content.removeprefix(mark).decode(encoding), ""
    try:
        return content.decode(), ""
    except UnicodeDecodeError:
        return _guessed(content)


def _guessed(content: bytes) -> tuple[str, str]:
    """A wrong guess reads as nonsense: who reads the file is told which one was made."""
    from charset_normalizer import from_bytes

    if b"\0" in content:
        raise ValueError("it is not a text file")
    best = from_bytes(content[:MOST_GUESSED_BYTES]).best()
    if best is None:
        raise ValueError("it is not UTF-8 text, and no other encoding fits")
    return content.decode(best.encoding), best.encoding
