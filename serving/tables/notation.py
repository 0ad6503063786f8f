"""How the numbers of a column are written: found from the whole column, never cell by cell."""

import math
import re
from collections.abc import Sequence

from serving.port_types import Notation

NOTATIONS: Sequence[Notation] = ("plain", "comma", "point")
SHARE = 0.9  # a column of so many numbers is one, and what else it holds is a mistake
# Postcodes, phone and account numbers: what a number would lose of them tells them apart.
IDENTIFIER = re.compile(r"0\d+|\d{16,}")
COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
DECORATION = re.compile(r"^[€$£¥]|[€$£¥%]$|(?<=^[+-])[€$£¥]")
SPACE_IN_NUMBER = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'](?=\d{3}(?!\d))")


def notation_of(texts: Sequence[str], hint: Notation | None = None) -> Notation | None:
    """None where they are no numbers, or could be read as two: `1,234` in all rows, without a hint
    from other columns.
    """
    if not texts or any(map(IDENTIFIER.fullmatch, texts)):
        return None
    fitting = [each for each in NOTATIONS if _fits(texts, each)]
    if "plain" in fitting:
        return "plain"
    return fitting[0] if len(fitting) == 1 else (hint if hint in fitting else None)


def number(text: str, notation: Notation) -> float | None:
    bare = _bare(text)
    if notation == "comma" and COMMA.fullmatch(bare):
        return float(bare.replace(".", "").replace(",", "."))
    if notation == "point" and POINT.fullmatch(bare):
        return float(bare.replace(",", ""))
    return _plain(bare)


def _fits(texts: Sequence[str], notation: Notation) -> bool:
    return sum(number(text, notation) is not None for text in texts) >= SHARE * len(texts)


def _bare(text: str) -> str:
    """Without what people write around a number: currency, per cent, spaces, a typeset minus."""
    bare = DECORATION.sub("", text.strip().replace("\u2212", "-")).strip()
    return SPACE_IN_NUMBER.sub("", bare)


def _plain(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
