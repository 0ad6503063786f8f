"""JavaScript expressions of a flow, in QuickJS with time and memory limits.

Evaluation is pure. `results`, `variable()`, `resource()` and `flow_user_state()` are looked up by
restart: a run that misses a value names it, the value is fetched, and the expression runs again.
"""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import quickjs

from engine.errors import ApiError, JobError

_MEMORY, _SECONDS, _MAX_LOOKUPS = 32 << 20, 20.0, 200
_STATEMENT = re.compile(
    r"(async\s+function|break|class|const|continue|do|for|function|if|let|return|switch|throw|try|var|while)\b"
)
_PATH = re.compile(r"(flow_input|flow_env|results|previous_result|resume)((?:\.[A-Za-z_]\w*)+)")
_RESULT = re.compile(r"\bresults(?:\?)?(?:\.([A-Za-z_]\w*)|\[\s*['\"]([^'\"]+)['\"]\s*\])")
_ASK_JAVASCRIPT = object()
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="expression")

_PRELUDE = """
const __known = JSON.parse(__known_json), __need = [];
const __find = (kind, key) => {
  const id = kind + ':' + key;
  if (Object.hasOwn(__known, id)) return __known[id];
  __need.push([kind, key]);
  throw new Error('value not loaded yet');
};
const results = new Proxy({}, {
  get: (_, key) => typeof key === 'string' ? __find('results', key) : undefined});
const variable = path => __find('variable', path);
const resource = path => __find('resource', path);
const flow_user_state = key => __find('flow_user_state', key);
let __outcome = {pending: true};
const __run = async () => { BODY
};
__run().then(
  value => { __outcome = {value: value === undefined ? null : value}; },
  error => { __outcome = {error: String(error)}; });
"""


@dataclass
class Scope:
    """Names an expression sees: plain values, and lookups made only when asked for."""

    values: dict[str, Any] = field(default_factory=dict)
    lookups: dict[str, Callable[[str], Any]] = field(default_factory=dict)

    def with_values(self, **values: Any) -> "Scope":
        return Scope(self.values | values, self.lookups)

    def find(self, kind: str, key: str) -> Any:
        if kind not in self.lookups:
            raise JobError("ExecutionErr", f"{kind} is not available in this expression")
        return self.lookups[kind](key)


async def evaluate(expression: str, scope: Scope) -> Any:
    text = expression.strip()
    if (path := _PATH.fullmatch(text)) and (path[1] == "results" or path[1] in scope.values):
        value = _follow(path[1], path[2][1:].split("."), scope)
        if value is not _ASK_JAVASCRIPT:
            return value
    known = {f"results:{key}": _find(text, scope, "results", key) for key in _named_results(text)}
    for _ in range(_MAX_LOOKUPS):
        missing, outcome = await asyncio.get_running_loop().run_in_executor(
            _pool, _run, text, scope.values, known
        )
        if not missing:
            return _value(text, outcome)
        known |= {f"{kind}:{key}": _find(text, scope, kind, key) for kind, key in missing}
    raise failure(text, f"it looks up more than {_MAX_LOOKUPS} values")


async def is_true(expression: str, scope: Scope) -> bool:
    value = await evaluate(expression, scope)
    return isinstance(value, dict | list) or bool(value)


def failure(expression: str, why: str) -> JobError:
    return JobError(
        "ExecutionErr", f"Error during isolated evaluation of expression `{expression}`:\n{why}"
    )


def _find(text: str, scope: Scope, kind: str, key: str) -> Any:
    try:
        return scope.find(kind, key)
    except (ApiError, JobError) as error:
        raise failure(text, str(error)) from error


def _named_results(text: str) -> set[str]:
    return {first or second for first, second in _RESULT.findall(text)}


def _follow(name: str, keys: list[str], scope: Scope) -> Any:
    """The value of an exact path; JavaScript has to say what a property of a list or text is."""
    value = scope.find("results", keys.pop(0)) if name == "results" else scope.values[name]
    for key in keys:
        if value is not None and not isinstance(value, dict):
            return _ASK_JAVASCRIPT
        value = value.get(key) if value else None
    return value


def _returns(text: str) -> bool:
    return ";" not in text and not _STATEMENT.match(text.strip())


def _body(text: str) -> str:
    return f"return (\n{text}\n);" if _returns(text) else text


def _run(
    text: str, values: dict[str, Any], known: dict[str, Any]
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    context = quickjs.Context()
    context.set_memory_limit(_MEMORY)
    context.set_time_limit(_SECONDS)
    try:
        for name, value in values.items():
            if re.search(rf"\b{name}\b", text):
                context.set(name, context.parse_json(json.dumps(value)))
        context.set("__known_json", json.dumps(known))
        context.eval(_PRELUDE.replace("BODY", _body(text)))
        while context.execute_pending_job():
            pass
        missing = json.loads(context.eval("JSON.stringify(__need)"))
        return missing, json.loads(context.eval("JSON.stringify(__outcome)"))
    except (quickjs.JSException, quickjs.StackOverflow) as error:
        return [], {"error": str(error).strip()}


def _value(text: str, outcome: dict[str, Any]) -> Any:
    if "error" in outcome:
        raise failure(text, outcome["error"])
    if "pending" in outcome:
        raise failure(text, "it awaits something that never comes")
    return outcome.get("value")
