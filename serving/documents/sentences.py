import re
from itertools import pairwise

ENDS_SENTENCE = re.compile(r"""[.!?…。！？]["'”’»)\]]*$""")
# After a full stop and a space, at an empty line, before a list item, a heading or a table row.
BREAK = re.compile(
    r"""(?<=[.!?…]["'”’»)\]])\s+|(?<=[.!?…])\s+|(?<=[。！？])|\n\s*\n|\n(?=\s*[-*#|•])"""
)


def sentences(text: str) -> list[str]:
    """Lines that a PDF broke are joined again."""
    borders = [0, *(match.end() for match in BREAK.finditer(text)), len(text)]
    parts = (" ".join(text[start:end].split()) for start, end in pairwise(borders))
    return [part for part in parts if any(map(str.isalnum, part))]
