"""A random flow of branches, loops and identities gives what a few lines of Python give."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.flow.validate import check_flow

Doc = dict[str, Any]
SMALL = st.integers(-5, 5)


def leaf() -> st.SearchStrategy[Doc]:
    mocks: st.SearchStrategy[Doc] = SMALL.map(
        lambda n: {"mock": {"enabled": True, "return_value": n}}
    )
    skips: st.SearchStrategy[Doc] = st.just({"skip_if": {"expr": "true"}})
    return st.one_of(st.just(Doc()), mocks, skips).map(
        lambda extra: {"value": {"type": "identity"}, **extra}
    )


def branch(body: Any) -> st.SearchStrategy[Doc]:
    return st.builds(
        lambda limit, yes, no: {
            "value": {
                "type": "branchone",
                "branches": [{"expr": f"flow_input.n > {limit}", "modules": yes}],
                "default": no,
            }
        },
        SMALL,
        body,
        body,
    )


def every(body: Any) -> st.SearchStrategy[Doc]:
    return st.builds(
        lambda bodies, parallel: {
            "value": {
                "type": "branchall",
                "parallel": parallel,
                "branches": [{"modules": modules} for modules in bodies],
            }
        },
        st.lists(body, max_size=3),
        st.booleans(),
    )


def loop(body: Any) -> st.SearchStrategy[Doc]:
    return st.builds(
        lambda items, modules, parallel: {
            "value": {
                "type": "forloopflow",
                "parallel": parallel,
                "iterator": {"type": "javascript", "expr": str(items)},
                "modules": modules,
            }
        },
        st.lists(SMALL, max_size=3),
        body,
        st.booleans(),
    )


def bodies(depth: int) -> st.SearchStrategy[list[Doc]]:
    kinds = [leaf()]
    if depth:
        inner = bodies(depth - 1)
        kinds += [branch(inner), every(inner), loop(inner)]
    return st.lists(st.one_of(kinds), max_size=3)


def named(modules: list[Doc], prefix: str = "s") -> list[Doc]:
    for index, module in enumerate(modules):
        module["id"] = f"{prefix}{index}"
        value = module["value"]
        inner = [value.get("modules", []), value.get("default", [])]
        inner += [branch["modules"] for branch in value.get("branches", [])]
        for place, body in enumerate(inner):
            named(body, f"{module['id']}_{place}_")
    return modules


def run(modules: list[Doc], args: Doc) -> Any:
    result: Any = args
    for module in modules:
        result = run_module(module, args, result)
    return result


def run_module(module: Doc, args: Doc, previous: Any) -> Any:
    value = module["value"]
    if "skip_if" in module:
        return previous
    if "mock" in module:
        return module["mock"]["return_value"]
    if value["type"] == "branchone":
        limit = int(value["branches"][0]["expr"].rpartition(">")[2])
        chosen = value["branches"][0]["modules"] if args["n"] > limit else value["default"]
        return run(chosen, args) if chosen else previous
    if value["type"] == "branchall":
        return [run(branch["modules"], args) for branch in value["branches"]]
    if value["type"] == "forloopflow":
        return run_loop(value, args)
    return previous


def run_loop(value: Doc, args: Doc) -> list[Any]:
    outer = {"iter_parent": args["iter"]} if "iter" in args else {}
    items = eval(value["iterator"]["expr"]) if value["modules"] else []
    return [
        run(value["modules"], args | outer | {"iter": {"index": index, "value": item}})
        for index, item in enumerate(items)
    ]


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(modules=bodies(2).map(named), n=SMALL)
def test_a_random_flow_gives_what_a_naive_interpreter_gives(
    windmill: Any, modules: list[Doc], n: int
) -> None:
    value = {"modules": modules}
    check_flow(value)
    job = windmill.run_flow(value, {"n": n})
    assert job["success"], job["result"]
    assert job["result"] == run(modules, {"n": n})
