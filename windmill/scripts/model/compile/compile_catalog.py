"""Catalog entry → OpenFlow: plain flows that any Windmill runs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..base.short_form import expand, json_schema
from ..base.target import SETTINGS, Target
from ..base.windmill_paths import DEPLOY
from ..catalog.catalog import Catalog
from ..cost.expansion import Expansion, may_cost, takes_settings
from ..entry.entry import Entry, Run
from ..entry.form import form
from ..entry.javascript import Literal, render, transform
from ..entry.page import page, sentence
from ..entry.rollup import Rollups
from .ask_target import GIVEN_APPROVE, GIVEN_LIMIT, GIVEN_SETTINGS, LIMIT, limit
from .budget_check import BudgetChecks, capped
from .compile_leaf import leaf_module, own_scope
from .compile_steps import StepsWriter

PLATFORM_S_OWN = ("target", "target_settings", "max_hourly_usd", "approve")


def compile_entry(
    entry: Entry, entries: Mapping[str, Entry] | None = None, rollups: Rollups | None = None
) -> dict[str, Any]:
    """The flow's body as Windmill stores it; the same entry gives the same bytes.

    Entries are those it uses, checked; each step calls theirs by path.
    """
    around = entries if entries is not None else {entry.key: entry}
    rollups = rollups or Rollups(around)
    schema = argument_schema(entry, rollups)
    return {
        "summary": entry.summary,
        "description": _description(entry, schema),
        "value": {"modules": _modules(entry, around, rollups)},
        "schema": schema,
        "labels": [entry.kind, *sorted({*entry.labels} - {entry.kind})],
    }


def _description(entry: Entry, schema: dict[str, Any]) -> str:
    gives = {name: output.description for name, output in entry.outputs.items()}
    named = f"{entry.kind.capitalize()} `{entry.name}`, version {entry.version}."
    return page((sentence(entry.summary), entry.description, named), schema, gives)


def compile_catalog(catalog: Catalog) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry's key and flow, in the order of their names. The catalog must be sound."""
    rollups = catalog.rollups
    for key, entry in sorted(catalog.entries.items()):
        yield key, compile_entry(entry, catalog.entries, rollups)


def _modules(entry: Entry, entries: Mapping[str, Entry], rollups: Rollups) -> list[dict[str, Any]]:
    if entry.graph is not None:
        return [*BudgetChecks(entry, Expansion(entries)).first(), _deploy_module(entry)]
    if entry.run is not None:
        return [*BudgetChecks(entry, Expansion(entries)).first(), *_leaf_modules(entry, entry.run)]
    return StepsWriter(entry, entries, rollups).modules()


def _leaf_modules(entry: Entry, run: Run) -> list[dict[str, Any]]:
    if run.secret is not None:
        return [{"id": "run", "summary": entry.summary, "value": {"type": "identity"}}]
    return [leaf_module(entry, "run", own_scope(entry))]


def _deploy_module(entry: Entry) -> dict[str, Any]:
    drawing = capped(entry).model_dump(mode="json", exclude_none=True)
    return {
        "id": "deploy",
        "summary": f"Deploy {entry.name}",
        "value": {
            "type": "flow",
            "path": DEPLOY,
            "input_transforms": {
                "pipeline": {"type": "static", "value": drawing},
                "declared_inputs": {"type": "static", "value": _own_inputs(entry)},
                "inputs": _javascript(_picked(_own_inputs(entry))),
                "target": _target(entry),
                **_target_settings(entry),
                **({"max_hourly_usd": transform(limit(GIVEN_LIMIT))} if may_cost(entry) else {}),
                "approve": transform(GIVEN_APPROVE),
                "name": _javascript("flow_input.name ?? null"),
            },
        },
    }


def _target(entry: Entry) -> dict[str, Any]:
    if entry.target:
        return transform(Literal(entry.target.value))
    declared = entry.inputs.get("target", {})
    return transform(render("${inputs.target}", own_scope(entry))) if declared else _open_target()


def _target_settings(entry: Entry) -> dict[str, Any]:
    return {"target_settings": transform(GIVEN_SETTINGS)} if takes_settings(entry) else {}


def _open_target() -> dict[str, str]:
    return _javascript("flow_input.target ?? null")


def _own_inputs(entry: Entry) -> dict[str, dict[str, Any]]:
    """The target is the platform's own question, wherever the entry declares it."""
    return {name: schema for name, schema in entry.inputs.items() if name not in PLATFORM_S_OWN}


def _picked(names: dict[str, Any]) -> str:
    pairs = ", ".join(f"{name}: flow_input.{name}" for name in names)
    return f"({{{pairs}}})"


def _javascript(expression: str) -> dict[str, str]:
    return {"type": "javascript", "expr": expression}


def argument_schema(entry: Entry, rollups: Rollups) -> dict[str, Any]:
    implied = _implied(entry) if rollups[entry.key].deploys else {}
    # Windmill draws its form from this; deployments started by programs may send nothing extra.
    return form(expand({**entry.inputs, **implied, **_own_target(entry)}))


def _settings(targets: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Shown where the chosen target takes some."""
    taking = [target for target in targets if target in SETTINGS]
    if not taking:
        return {}
    fields = {name: each for target in taking for name, each in SETTINGS[target].items()}
    return {
        "target_settings": {
            "type": "object",
            "title": "Settings of the target",
            "description": f"for {' and '.join(taking)}: {', '.join(fields)}",
            "properties": {name: json_schema(each) for name, each in fields.items()},
            "showExpr": f"{taking}.includes(fields.target)",
        }
    }


_LIMIT = {
    **LIMIT,
    "description": "USD for all together; what costs is refused where this and a budget lack",
}


def _implied(entry: Entry) -> dict[str, dict[str, Any]]:
    targets = [target.value for target in entry.targets or Target]
    return {
        "target": {
            "type": "string",
            "enum": targets,
            "description": "where it runs; asked when left out",
        },
        **_settings(targets),
        **({"max_hourly_usd": _LIMIT} if may_cost(entry) else {}),
        "approve": {
            "type": "boolean",
            "title": "Ask before it is made",
            "description": "each deployment waits, with its price and plan, until it is approved",
        },
        "name": {
            "type": "string",
            "title": "Name of the deployment",
            "description": f"{entry.name} when left out",
            "placeholder": entry.name,
        },
    }


def _own_target(entry: Entry) -> dict[str, dict[str, Any]]:
    return {"target": entry.inputs["target"]} if "target" in entry.inputs else {}
