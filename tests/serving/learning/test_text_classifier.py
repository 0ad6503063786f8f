"""Learns the example's tickets, and says what it cannot know."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serving.learning.chains import DATA, served, told

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    source = ("table", {"path": str(DATA / "tickets.csv")})
    with served(tmp_path_factory.mktemp("data"), source, ("text-classifier", {})) as client:
        yield client


def test_a_new_text_gets_its_label_with_probabilities(tickets: httpx.Client) -> None:
    asked = {"inputs": ["You charged my card twice", {"text": "my parcel never arrived"}]}
    first, second = tickets.post("/batch", json=asked).json()["outputs"]
    assert (first["label"], second["label"]) == ("billing", "delivery")
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert first["probabilities"]["billing"] == max(first["probabilities"].values())


def test_the_card_tells_how_good_it_is_beside_the_simplest_guess(tickets: httpx.Client) -> None:
    card = tickets.get("/model").json()
    assert (card["rows"], card["classes"]) == (54, ["billing", "delivery", "technical"])
    assert 0.7 < card["metrics"]["accuracy"] < 1
    assert card["baseline"]["accuracy"] < 0.4
    assert card["measured_by"] == "5-fold cross-validation"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (5, "Input 2: the text is missing"),
        ("  ", "Input 2: the text is missing"),
        ({"txt": "x"}, 'give a text, or an object with just "text"'),
        ("x" * 20_001, "longer than 20000 characters"),
    ],
)
def test_what_is_no_text_is_refused(tickets: httpx.Client, given: object, says: str) -> None:
    answer = tickets.post("/batch", json={"inputs": ["fine", given]})
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


def test_a_text_without_any_known_word_is_marked(tickets: httpx.Client) -> None:
    output = tickets.post("/predict", json={"input": "ξψω"}).json()["output"]
    assert output["warnings"] == ["no known word"]


def test_labels_may_be_numbers(tmp_path: Path) -> None:
    rows = ["too slow,1", "very slow,1", "works well,5", "works fine,5"]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]))
    source = ("table", {"path": str(tmp_path / "a.csv")})
    with served(tmp_path / "data", source, ("text-classifier", {})) as client:
        assert client.get("/model").json()["classes"] == ["1", "5"]


@pytest.mark.parametrize(
    ("text", "config", "says"),
    [
        ("text,label\na,x\nb,x\nc,x\n", {}, "two classes or more are needed"),
        ("text,label\na,x\nb,x\nc,y\n", {}, "each class needs two examples or more, these"),
        ("text,kind\na,x\n", {}, 'a.csv has no column "label". Use one of: text, kind.'),
    ],
)
def test_data_that_teaches_nothing_is_told_in_health(
    tmp_path: Path, text: str, config: dict[str, str], says: str
) -> None:
    (tmp_path / "a.csv").write_text(text)
    source = ("table", {"path": str(tmp_path / "a.csv")})
    with served(tmp_path / "data", source, ("text-classifier", config)) as client:
        assert says in told(client)
        assert client.get("/model").status_code == 503
