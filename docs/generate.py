"""Write the generated parts of docs/reference again: `make docs`.

A part stands between `<!-- begin: name -->` and `<!-- end: name -->`; what is around it is written
by hand. tests/docs fails when a part is not what the code says.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

REFERENCE = Path(__file__).parent / "reference"
PART = re.compile(r"(<!-- begin: (\S+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)
WIDTH = 96


def commands() -> str:
    """What `--help` prints, for every command."""
    from cli.main import commands as group

    pages = [f"## `{ctx.command_path}`\n\n```text\n{_help(ctx)}\n```\n" for ctx in every(group)]
    return "\n".join(pages)


def every(
    command: click.Command, parent: click.Context | None = None, name: str = "mlops"
) -> Iterator[click.Context]:
    """Each by the name that people call it by, which a group's file gives it."""
    widths: dict[str, Any] = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    ctx = click.Context(command, parent, name, **command.context_settings, **widths)
    yield ctx
    if isinstance(command, click.Group):
        for inner in command.list_commands(ctx):
            found = command.get_command(ctx, inner)
            assert found
            yield from every(found, ctx, inner)


def _help(ctx: click.Context) -> str:
    return "\n".join(line.rstrip() for line in ctx.get_help().splitlines())


def openapi() -> dict[str, Any]:
    from gateway.app import create_app
    from gateway.http.settings import Settings

    nothing = {
        "secret_key": "an unused secret",
        "database_url": "sqlite://",
        "windmill_api_key": "-",
    }
    settings = Settings.model_validate({**nothing, "windmill_api_url": "http://windmill"})
    return create_app(settings).openapi()


def routes() -> str:
    rows = [
        (f"`{call}`", _what(route), _least_role(call), _answer(route))
        for path, methods in openapi()["paths"].items()
        for method, route in methods.items()
        for call in [f"{method.upper()} {path.removeprefix('/api/v1')}"]
    ]
    return table(("call", "what", "least role", "answer"), rows)


def _least_role(call: str) -> str:
    from gateway.access.roles import LEAST
    from gateway.access.rules import RULES

    shown = {name.replace(":path}", "}"): rule for name, rule in RULES.items()}
    permission = shown[call].permission
    return LEAST[permission].value if permission else ""


def _what(route: dict[str, Any]) -> str:
    return str(route.get("description") or route["summary"]).split("\n\n")[0]


def _answer(route: dict[str, Any]) -> str:
    for status, answer in route["responses"].items():
        if status.startswith("2"):
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
            return f"{status} {_type(schema)}".strip()
    return ""


def bodies() -> str:
    schemas = openapi()["components"]["schemas"]
    return "\n".join(
        f"### {name}\n\n{_about(schema)}{_fields(schema)}"
        for name, schema in sorted(schemas.items())
        if not name.endswith("ValidationError")
    )


def _about(schema: dict[str, Any]) -> str:
    text = schema.get("description", "").split("\n\n")[0]
    return f"{text}\n\n" if text else ""


def _fields(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"]) + "\n"
    needed = schema.get("required", ())
    rows = [
        (f"`{name}`", _type(field) + ("" if name in needed else ", optional"), _text(field))
        for name, field in schema.get("properties", {}).items()
    ]
    return table(("field", "type", "what"), rows)


def _text(field: dict[str, Any]) -> str:
    return str(field.get("description", "")).split("\n\n")[0]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    inner = schema.get("additionalProperties")
    if isinstance(inner, dict) and inner:
        return f"object of {_type(inner)}"
    return str(schema.get("format") or schema.get("type", ""))


def every_error() -> dict[str, list[Any]]:
    """The classes of all trees by their side, which is the package they stand in."""
    from cli.errors import CliError
    from engine.errors import EngineError
    from gateway.access.errors import Unauthorized  # noqa: F401 - its family
    from gateway.errors import GatewayError
    from serving.errors import ServingError
    from serving.pipeline_errors import PipelineError  # noqa: F401 - its family
    from sync.errors import SyncError
    from windmill.scripts.model.base.errors import MlopsError
    from windmill.scripts.model.base.url_path import BadAddress
    from windmill.scripts.model.catalog.history import HistoryError
    from windmill.scripts.provision.errors import ProvisionError
    from windmill.scripts.provision.ssh.errors import HostUnreachable
    from windmill.scripts.targets.k3s.errors import ClusterError  # noqa: F401 - its family
    from windmill.scripts.targets.rental.errors import RentalError

    ours = (CliError, GatewayError, SyncError)
    loaded = (*ours, BadAddress, HistoryError, ProvisionError, HostUnreachable, RentalError)
    assert all(issubclass(each, MlopsError) for each in loaded)
    found: dict[str, list[Any]] = {}
    for root in (MlopsError, EngineError, ServingError):
        for error in _family(root):
            found.setdefault(error.__module__.split(".")[0], []).append(error)
    return found


def _family(root: Any) -> list[Any]:
    heirs = [heir for child in root.__subclasses__() for heir in _family(child)]
    return [root, *dict.fromkeys(heirs)]


def errors(side: str) -> str:
    found = sorted(every_error()[side], key=lambda error: (error.code, error.__name__))
    has_status = any(hasattr(error, "status") for error in found)
    head = ("code", "status", "message", "fix") if has_status else ("code", "message", "fix")
    rows = [
        (f"`{e.code}`", *([str(getattr(e, "status", ""))] if has_status else []), _message(e),
         _cell(e.fix))
        for e in found
    ]  # fmt: skip
    return table(head, rows)


def _message(error: type[Exception]) -> str:
    return _cell(re.sub(r"\s+", " ", error.__doc__ or ""))


def _cell(text: str) -> str:
    """Not HTML, and not the end of a cell."""
    text = re.sub(r"`[^`]*`|<", lambda found: found[0] if found[0][0] == "`" else "&lt;", text)
    return text.replace("|", "\\|")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def gpus() -> str:
    """Fastest first."""
    from windmill.scripts.model.cost.gpus import GPU_MODELS, GpuModel, performance

    def speed(each: GpuModel) -> float:
        return performance(each.name, each.memory_gb) or 0

    def row(each: GpuModel) -> tuple[str, ...]:
        figures = (each.memory_gb, each.tflops, each.bandwidth_gbs)
        return each.name, *(f"{figure:g}" for figure in figures), f"{speed(each):.2f}", each.source

    head = ("GPU", "GB", "dense FP16, TFLOPS", "GB/s", "beside an A100 SXM 80 GB", "source")
    return table(head, map(row, sorted(GPU_MODELS, key=speed, reverse=True)))


def bad_input() -> str:
    """The cases of the test that gives each of them to the platform."""
    import yaml

    file = REFERENCE.parents[1] / "tests" / "serving" / "bad_input.yaml"
    cases = yaml.safe_load(file.read_text("utf-8"))
    kinds = dict.fromkeys(case["kind"] for case in cases)
    return "\n".join(f"## {kind.capitalize()}\n\n{_bad_input(kind, cases)}" for kind in kinds)


def _bad_input(kind: str, cases: Iterable[dict[str, Any]]) -> str:
    mine = (case for case in cases if case["kind"] == kind)
    rows = ((case["given"], case["says"], case["fix"], f"`{case['code']}`") for case in mine)
    return table(("given", "what is said", "what mends it", "code"), rows)


SIDES = ("windmill", "sync", "gateway", "cli", "serving", "engine")

PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "routes": routes,
    "bodies": bodies,
    "gpus": gpus,
    "bad-input": bad_input,
    **{f"{side}-errors": partial(errors, side) for side in SIDES},
}


def refilled(text: str) -> str:
    return PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n{part[3]}", text)


def schemas() -> dict[Path, str]:
    """The published JSON Schemas, by their file."""
    from windmill.scripts.model.entry.json_schemas import MODELS, json_schema

    folder = REFERENCE / "schemas"
    return {
        folder / f"{name}.schema.json": json.dumps(json_schema(name), indent=1) + "\n"
        for name in MODELS
    }


def pictures() -> dict[Path, str]:
    """What `mlops catalog graph --format svg` draws of shipped entries, by its file."""
    from windmill.scripts.model.check.check_catalog import load_catalog
    from windmill.scripts.model.show.picture import picture
    from windmill.scripts.model.show.svg import svg

    catalog = load_catalog(REFERENCE.parents[1] / "catalog")
    folder = REFERENCE.parent / "images"
    return {
        folder / f"{name}.svg": svg(picture(catalog, f"meta-pipelines/{name}", None)).rstrip()
        + "\n"
        for name in ("knowledge-platform",)
    }


def main() -> None:
    for file, text in {**schemas(), **pictures()}.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    for page in sorted(REFERENCE.glob("*.md")):
        text = page.read_text("utf-8")
        page.write_text(refilled(text), "utf-8")


if __name__ == "__main__":
    main()
