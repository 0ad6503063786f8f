"""Text of others as a terminal may show it: it moves no cursor, sets no title, fills no clipboard.

Escape sequences begin with a control character (ECMA-48); bidirectional overrides and isolates
(Unicode UAX #9) show words in another order than they stand. Both are shown as `\\u001b`, which is
also how JSON writes them: a document stays what it was.
"""

import re

CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # all of C0 and C1 but tab and line feed
REORDERING = r"\u202a-\u202e\u2066-\u2069"
SURROGATES = r"\ud800-\udfff"  # no encoding writes them
UNPRINTABLE = f"[{CONTROLS}{REORDERING}{SURROGATES}]"
COLOUR = r"\x1b\[(?:[012]|[39][0-7])m"
_UNPRINTABLE = re.compile(UNPRINTABLE)
_COLOUR_OR_UNPRINTABLE = re.compile(f"({COLOUR})|{UNPRINTABLE}")


def printable(text: str) -> str:
    return _UNPRINTABLE.sub(_escaped, text)


def printable_in_colour(text: str) -> str:
    """Leaves the few styles that our own lines are made of; none of them hides text."""
    return _COLOUR_OR_UNPRINTABLE.sub(lambda found: found[1] or _escaped(found), text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
