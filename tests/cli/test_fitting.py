"""What does not fit a deployment is refused before it is sent, in words with what would."""

from pathlib import Path

import pytest

from cli.actions.asking.fitting import TAKES, check_file, check_given, check_rows, check_sort
from cli.errors import CannotAsk, MissingColumns

TAKEN = {"kind": "row", "columns": [{"name": "make"}, {"name": "age, years"}], "example": {}}


@pytest.mark.parametrize(
    ("kind", "given", "says", "fix"),
    [
        ("chat", ["text", "file"], "a question, not --file", 'mlops ask d "your question"'),
        ("image", ["text"], "a file with an image, not a text", "mlops ask d --file picture.png"),
        ("audio", ["file", "horizon"], "not --horizon", "mlops ask d --file talk.ogg"),
        ("horizon", ["text", "again"], "not a text and --again", "mlops ask d --horizon 7"),
        ("text", ["out"], "a text, not --out", 'mlops ask d "your text"'),
        ("job", ["text"], "nothing but --again and --out, not a text", "mlops ask d --again"),
    ],
)
def test_what_a_kind_does_not_take_is_named_with_what_it_takes(
    kind: str, given: list[str], says: str, fix: str
) -> None:
    with pytest.raises(CannotAsk) as caught:
        check_given("d", kind, given)
    assert says in caught.value.message
    assert caught.value.fix == fix


@pytest.mark.parametrize("kind", TAKES)
def test_what_a_kind_takes_is_not_in_the_way(kind: str) -> None:
    check_given("d", kind, TAKES[kind][0])
    check_given("d", kind, [])


@pytest.mark.parametrize(
    ("kind", "file", "fits"),
    [
        ("image", "a.png", True),
        ("image", "a.PNG", True),
        ("image", "a.ogg", False),
        ("image", "report.pdf", False),
        ("audio", "talk.mp3", True),
        ("audio", "film.mp4", True),
        ("audio", "a.png", False),
        ("audio", "without-ending", True),
        ("text", "a.png", True),
    ],
)
def test_a_file_of_another_sort_is_refused_by_its_ending(kind: str, file: str, fits: bool) -> None:
    if fits:
        check_sort("d", kind, Path(file))
        return
    with pytest.raises(CannotAsk, match=f"not {file}"):
        check_sort("d", kind, Path(file))


def test_a_row_is_told_which_columns_it_lacks_and_which_are_misspelt() -> None:
    with pytest.raises(MissingColumns) as caught:
        check_rows("d", TAKEN, [{"make": "Alba", "age, year": 3}])
    assert caught.value.message == (
        "the row does not fit d: it has no age, years and has age, year, which it does not know."
    )
    assert "Did you mean 'age, years'?" in caught.value.fix
    assert "It takes: make, age, years." in caught.value.fix


def test_of_several_rows_the_first_that_does_not_fit_is_numbered() -> None:
    right = {"make": "Alba", "age, years": None, "column 1": 4}
    check_rows("d", TAKEN, [right, right])
    with pytest.raises(MissingColumns, match="row 2 does not fit d: it has no make"):
        check_rows("d", TAKEN, [right, {"age, years": 3}])


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("a.csv", 'make,"age, years"\nAlba,3\n', True),
        ("a.csv", 'note;make;"age, years"\n', True),
        ("a.csv", "make,age\nAlba,3\n", False),
        ("a.csv", '"a\nname",make,"age, years"\n', True),  # its first line ends within a name
        ("a.jsonl", '{"make": "Alba", "age, years": 3, "more": 1}\n', True),
        ("a.jsonl", '{"make": "Alba"}\n', False),
        ("a.jsonl", "no JSON\n", True),  # the pipeline says so, with the line
    ],
)
def test_a_file_without_a_column_is_refused_before_it_is_sent(
    name: str, text: str, fits: bool
) -> None:
    if fits:
        check_file("d", TAKEN, Path(name), text.encode())
        return
    with pytest.raises(MissingColumns, match=f"{name} does not fit d: it has no age, years"):
        check_file("d", TAKEN, Path(name), text.encode())


def test_a_file_in_another_encoding_is_left_to_the_pipeline() -> None:
    check_file("d", TAKEN, Path("a.csv"), "größe;x\n".encode("latin-1"))
