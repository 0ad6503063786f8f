"""Costs as a person reads them."""

from collections.abc import Iterator
from typing import Any

from cli.terminal import console
from windmill.scripts.model.cost.prices import shown

Doc = dict[str, Any]


def lines(report: Doc, with_offers: bool) -> Iterator[str]:
    prices, targets = report["prices"], report["targets"]
    age = f"{prices['age_days']} days old" if prices["age_days"] else "of today"
    told = console.dim(f"prices: {prices['file']}, {age}")
    yield f"{console.bold(report['entry'])}  {told}"
    yield ""
    yield _by_target(targets) if len(targets) > 1 else _one_target(next(iter(targets.values())))
    yield from _notes(targets)
    yield from _budgets(targets)
    if with_offers:
        for needs in report["needs"]:
            yield from _offers(needs)


def _by_target(targets: dict[str, Doc]) -> str:
    """USD an hour, a column a target."""
    names, trees = list(targets), [_placed(tree) for tree in targets.values()]
    places = list(dict.fromkeys(place for tree in trees for place in tree))
    rows = []
    for place in places:
        nodes = [tree.get(place) for tree in trees]
        first = next(node for node in nodes if node)
        rows.append([place[0], _times(first), *(_hourly(node) if node else "" for node in nodes)])
    return console.table(rows, ["USD AN HOUR", "×", *names])


def _placed(tree: Doc) -> dict[tuple[str, ...], Doc]:
    """By name and number among those of that name: a choice of target may leave steps out."""
    placed: dict[tuple[str, ...], Doc] = {}
    for name, path, node in _walk(tree):
        number = 0
        while (name, path, str(number)) in placed:
            number += 1
        placed[name, path, str(number)] = node
    return placed


def _one_target(tree: Doc) -> str:
    rows = [
        [name, _times(node), node.get("target") or "", _hourly(node), _run(node), _offer(node)]
        for name, _, node in _walk(tree)
    ]
    return console.table(rows, ["LEVEL", "×", "TARGET", "USD AN HOUR", "USD A RUN", "OFFER"])


def _walk(
    node: Doc, name: str = "", lead: str = "", path: str = ""
) -> Iterator[tuple[str, str, Doc]]:
    path = f"{path}/{node['id']}"
    yield name + node["id"], path, node
    for number, inner in enumerate(node["steps"]):
        last = number == len(node["steps"]) - 1
        here = lead + ("└─ " if last else "├─ ")
        yield from _walk(inner, here, lead + ("   " if last else "│  "), path)


def _times(node: Doc) -> str:
    if node["count"] == 0:
        return "never"
    count = "n" if node["count"] is None else str(node["count"])
    return ("" if count == "1" else count) + ("?" if node["may_be_skipped"] else "")


def _hourly(node: Doc) -> str:
    return _money(node["hourly_usd"], node)


def _run(node: Doc) -> str:
    return "?" if node["run_usd"] is None else _money(node["run_usd"], node)


def _money(usd: float, node: Doc) -> str:
    if node["count"] is None and node["endless"] and not node["unpriced"]:
        return f"{shown(usd)} × n"
    if node["unpriced"]:
        return f"≥ {shown(usd)}" if usd else "?"
    return f"≥ {shown(usd)}" if node["endless"] else shown(usd)


def _offer(node: Doc) -> str:
    offer = node["offer"]
    return _named(offer) if offer else ""


def _named(offer: Doc) -> str:
    age = f", {offer['age_days']} days old" if "age_days" in offer else ""
    return f"{offer['name']}{age}"


def _notes(targets: dict[str, Doc]) -> Iterator[str]:
    unpriced = sorted({why for tree in targets.values() for why in tree["unpriced"]})
    nodes = [node for tree in targets.values() for *_, node in _walk(tree)]
    notes = [f"?  {why}" for why in unpriced]
    if any(tree["endless"] for tree in targets.values()):
        notes.append("n  how often is known only while it runs: the price is of one")
    if any(node["may_be_skipped"] for node in nodes):
        notes.append("×? it may be skipped; it is counted as if it ran")
    if any(node["run_usd"] is None for node in nodes) and len(targets) == 1:
        notes.append("A run costs `hours` times as much: say how many in the entry.")
    yield from ["", *notes] if notes else []


def _budgets(targets: dict[str, Doc]) -> Iterator[str]:
    told: dict[tuple[str, str], list[str]] = {}
    for name, tree in targets.items():
        for over in tree["over"]:
            place = f"{over['file']}:{over['line']}:{over['column']} {over['field']}"
            told.setdefault((_over(over), place), []).append(name)
    for (words, place), names in told.items():
        on = f" on {', '.join(names)}" if names != [""] and len(targets) > 1 else ""
        yield f"\n{console.styled(f'over budget{on}', fg='red', bold=True)}  {words}"
        yield f"    {place}"


def _over(over: Doc) -> str:
    level = over["level"] or over["entry"]
    if over["why"]:
        limit = shown(over["limit_usd"])
        return f"nobody can tell whether {level} stays within {limit}: {over['why']}"
    spent, limit, by = (shown(over[k]) for k in ("amount_usd", "limit_usd", "over_by_usd"))
    per = "an hour" if over["field"].endswith("hourly_usd") else "a run"
    return f"{level} costs {spent} USD {per}, {by} more than the {limit} it may"


def _offers(needs: Doc) -> Iterator[str]:
    wanted = ", ".join(f"{k} {v}" for k, v in _flat(needs["compute"])) or "nothing in particular"
    yield f"\n{console.bold(needs['entry'])} needs {wanted}"
    rows = [
        [o["target"], o["name"], shown(o["hourly_usd"]), _age(o), _why(o)] for o in needs["offers"]
    ]
    yield console.table(rows, ["TARGET", "OFFER", "USD AN HOUR", "PRICE FROM", ""])


def _flat(compute: Doc, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in compute.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield prefix + name, value


def _age(offer: Doc) -> str:
    return f"{offer['read_on']} ({offer['age_days']} d)" if "age_days" in offer else "–"


def _why(offer: Doc) -> str:
    unfit = offer.get("unfit")
    return f"no: {unfit}" if unfit else offer.get("reason", "")
