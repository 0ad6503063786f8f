"""Names that grew too long on their way through the levels."""

import re

from windmill.scripts.model.base.names import NAME_LENGTH, NAME_PATTERN, fitting

LONG = "knowledge-platform-desks-europe-0-chat-of-the-law-department"


def test_a_name_that_fits_stays() -> None:
    assert fitting("support-desk-chat") == "support-desk-chat"
    assert fitting("a" * NAME_LENGTH) == "a" * NAME_LENGTH


def test_a_longer_one_is_cut_always_to_the_same_and_never_to_another_s() -> None:
    short = fitting(LONG)
    assert short == fitting(LONG)
    assert len(short) <= NAME_LENGTH
    assert re.fullmatch(NAME_PATTERN, short)
    assert fitting(f"{LONG}-1") != fitting(f"{LONG}-2")
    assert all(re.fullmatch(NAME_PATTERN, fitting(LONG[:31] + "-" * n + "x" * 20)) for n in (0, 1))
