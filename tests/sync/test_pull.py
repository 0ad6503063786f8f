"""What was edited in Windmill comes back into the files that it came from."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sync.api import Pulled, desired, plan, pull, push
from sync.pull.schedules import with_values
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill

PRICE, RATES = "windmill/scripts/price.py", "windmill/scripts/lib/rates.py"
OFTEN, ORDER = "windmill/schedules/often.schedule.yaml", "windmill/flows/order.flow/flow.yaml"
INLINE = "windmill/flows/order.flow/double.py"
FILES = {
    RATES: '"""Rates."""\n\nRATE = 2\n',
    PRICE: '"""Price an order."""\n\nfrom .lib.rates import RATE\n\n\n'
    "def main(amount: int) -> int:\n    return amount * RATE\n",
    "windmill/scripts/offer.py": '"""Offer."""\n\nfrom .lib.rates import RATE\n\n\n'
    "def main() -> int:\n    return RATE\n",
    INLINE: "def main(x: int):\n    return 2 * x\n",
    ORDER: "summary: Order\nvalue:\n  modules:\n    - id: double\n      value:\n"
    "        type: rawscript\n        language: python3\n        content: '!inline double.py'\n"
    "        input_transforms: {x: {type: javascript, expr: flow_input.amount}}\n"
    "schema: {type: object, properties: {amount: {type: integer}}}\n",
    OFTEN: "# When shops open.\nsummary: Often   # shown in lists\nschedule: 0 0 6 * * *\n"
    "timezone: UTC\nscript_path: f/mlops/price\nis_flow: false\nargs: {amount: 1}\n",
}


@pytest.fixture
def root(checkout: Write, embedded: EmbeddedWindmill) -> Path:
    root = checkout(FILES)
    push(plan(desired(root), embedded), embedded)
    return root


Back = Callable[[], Pulled]


@pytest.fixture
def back(root: Path, embedded: EmbeddedWindmill) -> Back:
    """Pulls, and writes what it finds."""

    def back() -> Pulled:
        pulled = pull(plan(desired(root), embedded), root)
        for name, text in pulled.files.items():
            (root / name).write_text(text, "utf-8")
        return pulled

    return back


def test_where_nothing_was_edited_nothing_changes(back: Back) -> None:
    assert back() == Pulled({}, ())


def test_an_edited_script_is_that_file_s_text_and_nothing_is_left_to_push(
    root: Path, back: Back, embedded: EmbeddedWindmill
) -> None:
    text = FILES[PRICE].replace("amount: int", "amount: int, discount: int = 0")
    embedded.edit("f/mlops/price", content=text)
    assert back() == Pulled({PRICE: text}, ())
    again = plan(desired(root), embedded)
    # The form of its arguments was not made anew by who edited it.
    assert [action.changed for action in again.writes] == [("schema", "description")]
    assert not again.drifted


def test_an_edited_module_is_the_library_s_file(back: Back, embedded: EmbeddedWindmill) -> None:
    modules = embedded.held("f/mlops/price")["modules"]
    modules["lib/rates.py"]["content"] = "RATE = 3\n"
    embedded.edit("f/mlops/price", modules=modules)
    assert back() == Pulled({RATES: "RATE = 3\n"}, ())


def test_a_library_that_two_scripts_carry_differently_is_told_of(
    back: Back, embedded: EmbeddedWindmill
) -> None:
    for path, text in (("f/mlops/price", "RATE = 3\n"), ("f/mlops/offer", "RATE = 4\n")):
        modules = embedded.held(path)["modules"]
        modules["lib/rates.py"]["content"] = text
        embedded.edit(path, modules=modules)
    pulled = back()
    assert len(pulled.files) == 1
    (left,) = pulled.left
    assert "windmill/scripts/lib/rates.py was edited differently" in left.why


def test_what_git_changed_as_well_is_left_and_told(
    root: Path, back: Back, checkout: Write, embedded: EmbeddedWindmill
) -> None:
    embedded.edit("f/mlops/price", content="def main() -> int:\n    return 5\n")
    checkout({PRICE: FILES[PRICE].replace("amount * RATE", "amount * RATE + 1")})
    pulled = back()
    assert pulled.files == {}
    assert [(left.key, left.fields) for left in pulled.left] == [
        ("script/f/mlops/price", ("content",))
    ]
    assert "RATE + 1" in (root / PRICE).read_text()


def test_code_that_is_no_python_stays_there(back: Back, embedded: EmbeddedWindmill) -> None:
    embedded.edit("f/mlops/price", content="def main(:\n")
    pulled = back()
    assert pulled.files == {}
    assert "not Python any more" in pulled.left[0].why


def test_an_inline_step_is_its_own_file(back: Back, embedded: EmbeddedWindmill) -> None:
    value = embedded.held("f/mlops/order")["value"]
    value["modules"][0]["value"]["content"] = "def main(x: int):\n    return 3 * x\n"
    embedded.edit("f/mlops/order", value=value)
    assert back() == Pulled({INLINE: "def main(x: int):\n    return 3 * x\n"}, ())


def test_what_else_of_a_flow_was_edited_is_told(back: Back, embedded: EmbeddedWindmill) -> None:
    embedded.edit("f/mlops/order", summary="An order")
    pulled = back()
    assert pulled.files == {}
    assert [left.fields for left in pulled.left] == [("summary",)]


def test_an_edited_schedule_keeps_every_other_byte(
    root: Path, back: Back, embedded: EmbeddedWindmill
) -> None:
    path = "f/mlops/often"
    held = embedded.others.get(f"schedules/get/{path}")
    edited = {**held, "schedule": "0 30 7 * * *", "args": {"amount": 2}}
    embedded.others.post(f"schedules/update/{path}", edited)
    embedded.others.post(f"schedules/setenabled/{path}", {"enabled": False})
    text = FILES[OFTEN].replace("0 0 6", "0 30 7").replace("amount: 1", "amount: 2")
    assert back() == Pulled({OFTEN: f"{text}enabled: false\n"}, ())
    assert plan(desired(root), embedded).is_empty


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a: 1 # one\nb: x\n", {"a": 2}, "a: 2 # one\nb: x\n"),
        ("a: >-\n  two\n  lines\nb: x\n", {"a": "one"}, "a: one\nb: x\n"),
        ("a: {x: 1}\n", {"a": {"y": [1, 2]}}, "a: {y: [1, 2]}\n"),
        ("a: 'q'\n", {"a": "* * *"}, "a: '* * *'\n"),
        ("a: 1", {"b": "two: three"}, "a: 1\nb: 'two: three'\n"),
        ("a: x\n", {"a": "line\nline"}, None),
        ("a: x\n", {"a": "no"}, "a: 'no'\n"),
    ],
    ids=["comment", "block", "mapping", "star", "new", "lines", "word"],
)
def test_a_value_is_replaced_and_nothing_else(
    text: str, values: dict[str, object], expected: str | None
) -> None:
    new = with_values(text, values)
    assert yaml.safe_load(new) == {**yaml.safe_load(text), **values}
    assert expected is None or new == expected
