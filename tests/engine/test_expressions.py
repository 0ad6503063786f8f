import threading
from typing import Any

import pytest

from engine.errors import JobError, NotFound
from engine.flow import expressions
from engine.flow.expressions import Scope, evaluate, is_true
from engine.flow.retry import interval


def scope(**values: Any) -> Scope:
    asked: list[str] = []

    def result(key: str) -> Any:
        asked.append(key)
        return {"a": {"deep": [1, 2]}, "b-c": 5}.get(key)

    def variable(path: str) -> str:
        if path == "f/no/thing":
            raise NotFound(what=f"variable {path}")
        return f"value of {path}"

    made = Scope({"flow_input": {"n": 3, "name": "flow"}, "previous_result": None} | values)
    made.lookups.update(results=result, variable=variable, resource=lambda path: {"path": path})
    made.values["__asked"] = asked
    return made


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 1", 2),
        ("flow_input.n", 3),
        ("flow_input.missing", None),
        ("flow_input.name.length", 4),
        ("results.a.deep.length", 2),
        ("results.a.deep[1]", 2),
        ('results["b-c"] + 1', 6),
        ("results['b-c']", 5),
        ("[results['b-c'], results['a'].deep]", [{}, None]),
        ("return (await results['b-c']) + 1", 6),
        ("results.a?.deep", [1, 2]),
        ("results.unknown", None),
        ("results.unknown ?? 'default'", "default"),
        ("return (await Promise.all(['a', 'x'].map(k => results[k]))).map(Boolean)", [True, False]),
        ("'results.a is text too'", "(await results.a) is text too"),
        ("variable('u/me/' + flow_input.name)", "value of u/me/flow"),
        ("(await variable('u/me/a')) + '!'", "value of u/me/a!"),
        ("resource('f/a/b').path", "f/a/b"),
        ("try { return results.a.deep } catch (e) { return 'swallowed' }", [1, 2]),
        ("if (flow_input.n > 2) return 'big'; return 'small'", "big"),
        ("{a: 1, b: [null, undefined]}", {"a": 1, "b": [None, None]}),
        ("// a remark\n flow_input.n", None),
        ("'a;b' + `;`", "a;b;"),
        ("await Promise.resolve(5)", None),
        ("", None),
        ("variable(('u/me/a')).length", 15),
        ("2 ** 40", 2**40),
        ("0 / 0", None),
        ("`${flow_input.name} €`", "flow €"),
        ("undefined", None),
    ],
)
async def test_expressions(expression: str, value: Any) -> None:
    assert await evaluate(expression, scope()) == value


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("flow_input.", "Error: expecting field name"),
        ("42 // a remark", "unexpected token"),
        ("flow_input.missing.deeper", "cannot read property 'deeper' of undefined"),
        ("10n", "BigInt"),
        ("nonsense + 1", "nonsense"),
        ("flow_input.missing.deeper + 1", "cannot read property"),
        ("variable('f/no/thing')", "variable f/no/thing"),
        ("throw new Error('mine')", "mine"),
        ("await new Promise(() => 0)", "never comes"),
        ("(function f() { return f() })()", "stack"),
        ("let a = []; while (true) a.push('x'.repeat(9999) + a.length)", "memory"),
        ("flow_user_state('k')", "flow_user_state is not defined"),
        (
            "const a = []; for (let i = 0; i < 1e6; i++) a.push(results['k' + i]); return a",
            "more than",
        ),
    ],
)
async def test_expressions_that_fail_say_why(expression: str, says: str) -> None:
    with pytest.raises(JobError, match=says) as caught:
        await evaluate(expression, scope())
    assert expression in str(caught.value)


async def test_an_endless_expression_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_SECONDS", 0.1)
    with pytest.raises(JobError, match="interrupted"):
        await evaluate("while (true);", scope())


async def test_expressions_do_not_hold_up_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    here = threading.current_thread().name
    seen: list[str] = []
    original = expressions._run

    def spy(*arguments: Any) -> Any:
        seen.append(threading.current_thread().name)
        return original(*arguments)

    monkeypatch.setattr(expressions, "_run", spy)
    assert await evaluate("1 + 1", scope()) == 2
    assert seen
    assert here not in seen


async def test_only_the_results_that_are_named_are_loaded() -> None:
    made = scope()
    await evaluate('results.a ? 1 : results["b-c"]', made)
    assert sorted(made.values["__asked"]) == ["a", "b-c"]


async def test_expressions_cannot_reach_the_machine() -> None:
    names = ["require", "process", "fetch", "std", "os", "Deno", "WebAssembly"]
    for name in names:
        assert await evaluate(f"typeof {name}", scope()) == "undefined"
    with pytest.raises(JobError):
        await evaluate("import('os')", scope())


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("[]", True),
        ("({})", True),
        ("''", False),
        ("0", False),
        ("0/0", False),
        ("null", False),
        ("'0'", True),
    ],
)
async def test_truth_is_javascripts(expression: str, truth: bool) -> None:
    assert await is_true(expression, scope()) is truth


ONE = {"attempts": 1, "seconds": 1}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({}, [None]),
        ({"constant": {"attempts": 2, "seconds": 5}}, [5, 5, None]),
        ({"exponential": {"attempts": 3, "multiplier": 2, "seconds": 3}}, [6, 18, 54, None]),
        ({"constant": ONE, "exponential": ONE | {"seconds": 10}}, [1, 100, None]),
        ({"exponential": {"attempts": 1, "multiplier": 1, "seconds": 10**9}}, [6 * 3600, None]),
    ],
)
def test_intervals_of_retries(policy: dict[str, Any], expected: list[float | None]) -> None:
    assert [interval(policy, failures) for failures in range(len(expected))] == expected


def test_a_random_factor_stays_within_its_bounds() -> None:
    policy = {"exponential": {"attempts": 1, "multiplier": 1, "seconds": 10, "random_factor": 50}}
    delays = [interval(policy, 0) for _ in range(200)]
    assert all(delay is not None and 5 <= delay <= 15 for delay in delays)
    assert len(set(delays)) > 1
