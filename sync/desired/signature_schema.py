"""The argument schema of a Python script, as Windmill infers it from the signature of `main`."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windmill.scripts.model.base.short_form import DIALECT

JsonSchema = dict[str, Any]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_NAMED: Mapping[str, JsonSchema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "dict": {"type": "object"},
    "list": {"type": "array", "items": {"type": "string"}},
    "S3Object": {"type": "object", "format": "resource-s3_object"},
}
_UNKNOWN: JsonSchema = {"type": ""}
_DEFAULT_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}
_RECORDS = {"BaseModel", "TypedDict"}
_ENUMS = {"Enum", "StrEnum"}
_NO_LITERAL = object()
_CALL = "<function call>"  # how Windmill shows a default that only running the script would tell


@dataclass(frozen=True)
class Signature:
    """What Windmill needs to know of a script beside its text."""

    schema: JsonSchema
    is_library: bool
    has_preprocessor: bool
    summary: str
    description: str


def read_signature(tree: ast.Module) -> Signature:
    functions = {node.name: node for node in tree.body if isinstance(node, Function)}
    main = functions.get("main")
    summary, _, more = (ast.get_docstring(tree) or "").partition("\n\n")
    return Signature(
        schema=_arguments(main, _classes(tree)) if main else _object({}, []),
        is_library=main is None,
        has_preprocessor="preprocessor" in functions,
        summary=_first_line(summary or (main and ast.get_docstring(main)) or ""),
        description=more.strip(),
    )


def _arguments(main: Function, classes: Mapping[str, ast.ClassDef]) -> JsonSchema:
    # Keyword-only parameters are never passed by Windmill.
    parameters = [*main.args.posonlyargs, *main.args.args]
    defaults = [None] * (len(parameters) - len(main.args.defaults)) + list(main.args.defaults)
    texts = argument_texts(ast.get_docstring(main) or "")
    properties, required = {}, []
    for parameter, default in zip(parameters, defaults, strict=True):
        name = parameter.arg
        properties[name] = _property(parameter.annotation, default, classes, texts.get(name, ""))
        if default is None and not _is_optional(parameter.annotation):
            required.append(name)
    return _object(properties, required)


def _object(properties: JsonSchema, required: list[str]) -> JsonSchema:
    return {"$schema": DIALECT, "type": "object", "properties": properties, "required": required}


def _property(
    annotation: ast.expr | None,
    default: ast.expr | None,
    classes: Mapping[str, ast.ClassDef],
    text: str,
) -> JsonSchema:
    schema = _type(annotation, classes)
    if default is not None:
        value = _default(default, classes)
        if value is not _NO_LITERAL:
            schema = {**_typed_by(schema, value), "default": value}
    return {**schema, "description": text} if text else schema


def _typed_by(schema: JsonSchema, default: Any) -> JsonSchema:
    named = _DEFAULT_TYPES.get(type(default))
    return {"type": named} if named and schema == _UNKNOWN and default != _CALL else schema


def _default(node: ast.expr, classes: Mapping[str, ast.ClassDef]) -> Any:
    if isinstance(node, ast.Call):
        return _CALL
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _members(classes.get(node.value.id)).get(node.attr, _NO_LITERAL)
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return _NO_LITERAL
    return value if value is None or type(value) in _DEFAULT_TYPES else _NO_LITERAL


def _type(
    node: ast.expr | None, classes: Mapping[str, ast.ClassDef], seen: tuple[str, ...] = ()
) -> JsonSchema:
    match _without_none(node):
        case ast.Name(id=name):
            return _named(name, classes, seen)
        case ast.Attribute(attr="datetime" | "date" as name):
            return dict(_NAMED[name])
        case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
            return _literal(values)
        case ast.Subscript(value=ast.Name(id="list" | "List"), slice=item):
            return {"type": "array", "items": _type(item, classes, seen)}
    return dict(_UNKNOWN)


def _named(name: str, classes: Mapping[str, ast.ClassDef], seen: tuple[str, ...]) -> JsonSchema:
    if name in _NAMED:
        return dict(_NAMED[name])
    declared = classes.get(name)
    values = [value for value in _members(declared).values() if isinstance(value, str)]
    if values:
        return {"type": "string", "enum": values}
    if declared and name not in seen and _is_record(declared):
        return {"type": "object", "properties": _fields(declared, classes, (*seen, name))}
    return {"type": "object", "format": f"resource-{name}"}


def _literal(values: ast.expr) -> JsonSchema:
    items = values.elts if isinstance(values, ast.Tuple) else [values]
    texts = [item.value for item in items if isinstance(item, ast.Constant)]
    if texts and all(isinstance(text, str) for text in texts):
        return {"type": "string", "enum": texts}
    return {"type": "string"}


def _fields(
    declared: ast.ClassDef, classes: Mapping[str, ast.ClassDef], seen: tuple[str, ...]
) -> JsonSchema:
    return {
        node.target.id: _type(node.annotation, classes, seen)
        for node in declared.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _members(declared: ast.ClassDef | None) -> dict[str, Any]:
    if declared is None or not _ENUMS & {_last_name(base) for base in declared.bases}:
        return {}
    return {
        node.targets[0].id: node.value.value
        for node in declared.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def _is_record(declared: ast.ClassDef) -> bool:
    decorators = {_last_name(node) for node in declared.decorator_list}
    return "dataclass" in decorators or bool(
        _RECORDS & {_last_name(base) for base in declared.bases}
    )


def _classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_optional(node: ast.expr | None) -> bool:
    return node is not None and _without_none(node) is not node


def _without_none(node: ast.expr | None) -> ast.expr | None:
    match node:
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return inner
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return left
        case ast.BinOp(left=ast.Constant(value=None), op=ast.BitOr(), right=right):
            return right
    return node


def argument_texts(docstring: str) -> dict[str, str]:
    """Descriptions from a docstring's `Args:` section, continuation lines joined."""
    section = re.search(r"^\s*Args:[ \t]*\n((?:[ \t]+\S.*\n?|[ \t]*\n)+)", docstring, re.MULTILINE)
    texts: dict[str, str] = {}
    name, indent = "", None
    for line in section.group(1).splitlines() if section else ():
        depth = len(line) - len(line.lstrip())
        indent = depth if indent is None else indent
        entry = re.match(r"\s*\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)", line)
        if entry and depth <= indent:
            name, texts[entry[1]] = entry[1], entry[2].strip()
        elif name and line.strip():
            texts[name] = f"{texts[name]} {line.strip()}"
    return texts


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].strip()
