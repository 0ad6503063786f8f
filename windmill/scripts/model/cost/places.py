"""Where a machine stands, as providers tell it and as people ask for it."""

from collections.abc import Collection

# Codes of ISO 3166 of the members of the European Union, read on 2026-11-27.
EU = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip


def jurisdiction_of(country: str) -> str:
    """Of a country's code; '' where there is none."""
    code = country.strip().upper()
    return "EU" if code in EU else code


def is_country(place: str) -> bool:
    """Whether it is a country's code, or EU: providers' own names of places are longer."""
    return len(place) == len("EU") and place.isascii() and place.isalpha()


def names_of(*told: str) -> set[str]:
    """All that a place is called, in small letters: `Sweden, SE` is all of it, and each of both."""
    whole = {place.lower() for place in told if place}
    return whole | {part.strip() for place in whole for part in place.split(",")} - {""}


def is_in(wanted: Collection[str], *told: str) -> bool:
    """Whether it is in any of them; anywhere will do where none is wanted."""
    return not wanted or not names_of(*told).isdisjoint(each.lower() for each in wanted)
