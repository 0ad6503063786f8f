"""Labels and columns stand as their file has them, from the table to the answer."""

import io
from pathlib import Path

import pytest

from serving.learning.classes import class_name
from serving.learning.features import features_of
from serving.tables.columns import read_table
from tests.serving.learning.chains import served


@pytest.mark.parametrize(
    ("value", "name"),
    [(51277179.0, "51277179"), (51277180.0, "51277180"), (1.0, "1"), (0.1, "0.1"), ("a", "a")],
)
def test_two_product_numbers_are_two_classes(value: float | str, name: str) -> None:
    assert class_name(value) == name


def test_a_column_that_only_counts_the_rows_teaches_nothing() -> None:
    table = read_table("a.csv", b",size,make\n0,3,x\n1,5,y\n2,7,x\n3,4,y\n")
    features = features_of(table, ("make",))
    assert features.names == ("size",)
    assert features.left_out == ("column 1 is left out: it only counts the rows",)
    assert features.of_inputs([{"column 1": 9, "size": 3}]) == [[3.0]]


@pytest.mark.slow
def test_a_file_with_decimal_commas_is_learnt_and_scored(tmp_path: Path) -> None:
    file = io.StringIO()
    file.write("breite;preis;sorte\n")
    for n in range(60):
        file.write(f"{n},5;1.{n:03},25;{'gross' if n >= 30 else 'klein'}\n")
    (tmp_path / "a.csv").write_text(file.getvalue())
    source = ("table", {"path": str(tmp_path / "a.csv")})
    model = ("tabular-model", {"target": "sorte"})
    with served(tmp_path / "data", source, model) as client:
        answers = [
            client.post("/predict", json={"input": {"breite": width, "preis": price}}).json()
            for width, price in ((50.5, 1050.25), (2.5, 1002.25), ("50,5", "1.050,25"))
        ]
    assert [answer["output"]["label"] for answer in answers] == ["gross", "klein", "gross"]
