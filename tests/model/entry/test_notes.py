"""What people leave beside the nodes of a drawing."""

import pytest

from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.catalog.catalog import read_entry
from windmill.scripts.model.compile.compile_catalog import compile_entry

PLAIN = """kind: playbook
name: echo
summary: Says it again
run: {script: f/test/echo}
"""


def test_notes_are_kept_and_nothing_runs_by_them() -> None:
    noted, _ = read_entry(PLAIN + "notes: [{text: why, x: 8, y: -16}]\n", "catalog/a.yaml")
    assert [(each.text, each.x, each.y) for each in noted.notes] == [("why", 8, -16)]
    plain, _ = read_entry(PLAIN, "catalog/a.yaml")
    assert compile_entry(noted) == compile_entry(plain)


@pytest.mark.parametrize("place", ["x: .inf, y: 0", "x: 0", "x: 0, y: 0, z: 0", "x: here, y: 0"])
def test_a_note_without_a_place_is_refused_at_its_line(place: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_entry(PLAIN + f"notes: [{{text: why, {place}}}]\n", "catalog/a.yaml")
    assert {each.line for each in told.value.problems} == {5}
