"""What a catalog means, in the plainest words: one step after the other, no flows, no compiler."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Doc = dict[str, Any]
Leaf = Callable[[Doc], Any]
HOLE = re.compile(r"\$\{([^{}]*)\}")


class Naive:
    """Interprets entries as written; `leaf` stands for the one script that all playbooks run."""

    def __init__(self, entries: Mapping[str, Doc], leaf: Leaf) -> None:
        self.entries = entries
        self.leaf = leaf

    def run(self, key: str, given: Doc) -> Doc:
        entry = self.entries[key]
        declared = entry.get("inputs", {})
        inputs = {name: schema.get("default") for name, schema in declared.items()} | {
            name: value for name, value in given.items() if value is not None
        }
        if "run" in entry:
            result = self.leaf(inputs)
            return {name: self.value(v, {"result": result}) for name, v in entry["outputs"].items()}
        scope: Doc = {"inputs": inputs, "steps": {}}
        for step in self.ordered(entry["steps"]):
            scope["steps"][step["id"]] = self.step(step, scope)
        return {name: self.value(v, scope) for name, v in entry.get("outputs", {}).items()}

    def ordered(self, steps: list[Doc]) -> list[Doc]:
        """As written, but each after all that its text names or needs."""
        done: list[Doc] = []
        while len(done) < len(steps):
            ids = {step["id"] for step in done}
            done.append(next(s for s in steps if s not in done and self.waits_for(s, steps) <= ids))
        return done

    def waits_for(self, step: Doc, steps: list[Doc]) -> set[str]:
        named = set(re.findall(r"\$\{steps\.(\w+)", json.dumps(step))) | set(step.get("needs", ()))
        return named & {each["id"] for each in steps}

    def step(self, step: Doc, scope: Doc) -> Any:
        if "for_each" not in step:
            return self.call(step, scope) if self.holds(step, scope) else None
        items = self.value(step["for_each"], scope) or []
        each = [{**scope, "each": {"value": v, "index": i}} for i, v in enumerate(items)]
        return [self.call(step, one) for one in each if self.holds(step, one)]

    def call(self, step: Doc, scope: Doc) -> Doc:
        return self.run(step["use"], self.value(step.get("with", {}), scope))

    def holds(self, step: Doc, scope: Doc) -> bool:
        """Only what the generator writes: `${…} == 1` and `${…} != "a"`."""
        if "when" not in step:
            return True
        left, operator, right = step["when"].split(" ")
        given, wanted = self.value(left, scope), json.loads(right)
        same = given == wanted and isinstance(given, bool) == isinstance(wanted, bool)
        return same if operator == "==" else not same

    def value(self, value: Any, scope: Doc) -> Any:
        if isinstance(value, dict):
            return {key: self.value(item, scope) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, scope) for item in value]
        if not isinstance(value, str):
            return value
        if match := HOLE.fullmatch(value):
            return self.look_up(match[1], scope)
        return HOLE.sub(lambda match: self.text(self.look_up(match[1], scope)), value)

    def look_up(self, reference: str, scope: Doc) -> Any:
        found: Any = scope
        for name in reference.split("."):
            if isinstance(found, list):
                found = [item.get(name) if item else None for item in found]
            else:
                found = found.get(name) if isinstance(found, dict) else None
        return found

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
