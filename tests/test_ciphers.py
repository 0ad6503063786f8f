"""The engine and the registry seal alike; keys of the same text do not fit each other."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import errors as engine_errors
from engine.store import cipher as engine_cipher
from windmill.scripts.model.base import errors as registry_errors
from windmill.scripts.store import cipher as registry_cipher

KEY = "a-key-of-more-than-32-characters-in-all"
BOTH = [
    pytest.param(engine_cipher.Cipher, engine_errors.SecretUnreadable, id="engine"),
    pytest.param(registry_cipher.Cipher, registry_errors.RegistryCellUnreadable, id="registry"),
]
Made = Callable[[list[str]], "engine_cipher.Cipher"]


@pytest.mark.parametrize(("made", "_refusal"), BOTH)
@given(text=st.text(), place=st.text())
def test_what_is_sealed_is_opened_in_its_place(
    made: Made, _refusal: type[Exception], text: str, place: str
) -> None:
    assert made([KEY]).open(made([KEY]).seal(text, place), place) == text


@pytest.mark.parametrize(("made", "refusal"), BOTH)
def test_another_place_or_a_changed_character_is_refused(
    made: Made, refusal: type[Exception]
) -> None:
    sealed = made([KEY]).seal("text", "here")
    for text, place in ((sealed, "there"), (f"{sealed[:-8]}AAAA{sealed[-4:]}", "here")):
        with pytest.raises(refusal):
            made([KEY]).open(text, place)


def test_a_key_given_to_both_opens_nothing_of_the_other() -> None:
    sealed = engine_cipher.Cipher([KEY]).seal("text", "here")
    with pytest.raises(registry_errors.RegistryKeyMissing):
        registry_cipher.Cipher([KEY]).open(sealed, "here")
