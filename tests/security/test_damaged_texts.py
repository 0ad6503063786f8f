"""Texts and JSON from people, Git and other programs, damaged: a value, or an error of our own."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.api.json_text import parsed
from engine.errors import ApiError
from engine.flow.validate import check_flow
from gateway.access.errors import BadSignature
from gateway.errors import InvalidRequest
from gateway.http.webhook_signature import Event, sign, verify
from gateway.runs.logs import _decode
from serving import strict_json
from serving.pipeline import read_pipeline
from serving.pipeline_errors import PipelineError
from sync.desired.flows import _misshapen
from sync.desired.workflows import workflow_items
from sync.errors import SyncError
from sync.instances.n8n_about import _of_manifest
from sync.n8n_settings import n8n_settings
from sync.record import parse_record
from tests.fuzzing import bounded
from tests.security.damage import damaged, damaged_document, damaged_text, in_time
from windmill.scripts.model.base.errors import InvalidInput, KeyWithoutAddress, Problem
from windmill.scripts.model.base.parse import parse
from windmill.scripts.model.base.reference import parts
from windmill.scripts.model.base.source import Source, load_yaml
from windmill.scripts.model.catalog.catalog import read_catalog, read_entry
from windmill.scripts.model.catalog.lock import parse_lock
from windmill.scripts.model.check.check_catalog import check_one
from windmill.scripts.model.cost.prices import Prices
from windmill.scripts.model.drawing.llm_keys import StoredKey
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.validation import check_pipeline
from windmill.scripts.model.entry.condition import BadCondition, condition

pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

ROOT = Path(__file__).parents[2]
CATALOG, _ = read_catalog(ROOT / "catalog")
ENTRIES = [file.read_text("utf-8") for file in sorted((ROOT / "catalog").rglob("*.yaml"))]
DRAWINGS = [
    entry.graph.model_dump(mode="json") | {"name": entry.name}
    for entry in CATALOG.entries.values()
    if entry.graph
]
FLOWS = [
    yaml.safe_load(file.read_text("utf-8"))
    for file in sorted((ROOT / "windmill" / "flows").rglob("flow.yaml"))
]
WORKFLOWS = [
    json.loads(file.read_text("utf-8")) for file in sorted((ROOT / "n8n/workflows").glob("*.json"))
]
SECRET, NOW = "a-secret-of-more-than-16-bytes", 1_790_000_000
KEY = json.dumps({"base_url": "https://llm.example.org/v1", "key": "sk-canary-of-a-provider"})


SMALL_FLOWS: list[dict[str, Any]] = [
    {"modules": [{"id": "a", "value": value, **settings}]}
    for value, settings in (
        (
            {"type": "script", "path": "f/a", "input_transforms": {"x": {"type": "static"}}},
            {"retry": {"constant": {"attempts": 1, "seconds": 1}, "retry_if": {"expr": "1"}}},
        ),
        (
            {"type": "rawscript", "content": "1", "language": "bash", "tag": "a", "lock": ""},
            {"stop_after_if": {"expr": "1", "skip_if_stopped": True}, "timeout": 5},
        ),
        (
            {"type": "forloopflow", "modules": [], "iterator": {"type": "static", "value": []}},
            {"sleep": {"type": "static", "value": 1}, "skip_if": {"expr": "1"}},
        ),
        (
            {"type": "branchone", "branches": [{"expr": "1", "modules": []}], "default": []},
            {"suspend": {"required_events": 1}, "mock": {"enabled": True}},
        ),
    )
]


def checked(text: str) -> None:
    """As saving does: read, then checked against the catalog."""
    entry, source = read_entry(text, "a.yaml")
    check_one(entry, source, CATALOG)


def drawn(document: Any) -> None:
    source = Source(document)
    check_pipeline(parse(Pipeline, source), CATALOG.components, source=source)


def located(text: str) -> None:
    source = load_yaml(text, "a.yaml")
    assert all(line > 0 for line, _ in source.places.values())


TEXTS: dict[str, tuple[Callable[[str], Any], Iterable[str], tuple[type[Exception], ...]]] = {
    "YAML": (located, ENTRIES, (InvalidInput,)),
    "catalog entry": (checked, ENTRIES, (InvalidInput,)),
    "catalog lock": (
        lambda text: parse_lock(text, "lock"),
        [f"version: 1\npins:\n  pipelines/a: {{commit: '{'a' * 40}', hash: '{'b' * 64}'}}\n"],
        (InvalidInput,),
    ),
    "prices": (
        lambda text: parse(Prices, load_yaml(text, "prices.yaml")),
        [file.read_text("utf-8") for file in sorted((ROOT / "catalog/prices").glob("*.yaml"))],
        (InvalidInput,),
    ),
    "reference": (parts, ["${inputs.a} and ${steps.b.c[0].d}", "a $${b} ${"], ()),
    "condition": (
        condition,
        ["${inputs.env} == 'prod' and not ${steps.a.done}", "(${each} in [1, 2]) or -1 <= 3"],
        (BadCondition,),
    ),
    "LLM key": (lambda text: StoredKey.read("a", text), [KEY], (KeyWithoutAddress,)),
    "log cursor": (_decode, ["eyJhIjoxfQ==", "eyJhIjoxZTk5OX0="], (InvalidRequest,)),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text(kind: str) -> None:
    read, examples, refused = TEXTS[kind]

    @bounded(150)
    @given(damaged_text(list(examples)))
    def try_it(text: str) -> None:
        with in_time():
            outcome(read, text, refused)

    try_it()


DOCUMENTS: dict[str, tuple[Callable[[Any], Any], list[Any], tuple[type[Exception], ...]]] = {
    "drawing": (drawn, DRAWINGS, (InvalidInput,)),
    "flow of the engine": (
        check_flow,
        [*SMALL_FLOWS, *(flow["value"] for flow in FLOWS)],
        (ApiError,),
    ),
    "flow of the checkout": (lambda doc: _misshapen(Source(doc)), FLOWS, (InvalidInput,)),
    "record of pushes": (
        parse_record,
        [{"flows/a": {"prints": {"a": "b"}, "version": "1", "writing": None}}],
        (SyncError,),
    ),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document(kind: str) -> None:
    read, examples, refused = DOCUMENTS[kind]

    @bounded(150)
    @given(damaged_document(examples))
    def try_it(document: Any) -> None:
        with in_time():
            outcome(read, document, refused)

    try_it()


def package() -> bytes:
    file = io.BytesIO()
    content = json.dumps({"sourceN8nVersion": "2.42.1"}).encode()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        part = tarfile.TarInfo("manifest.json")
        part.size = len(content)
        archive.addfile(part, io.BytesIO(content))
    return file.getvalue()


BYTES: dict[str, tuple[Callable[[bytes], Any], list[bytes], tuple[type[Exception], ...]]] = {
    "body of the engine": (parsed, [json.dumps(FLOWS[0]).encode()], (ApiError,)),
    "package of n8n": (_of_manifest, [package(), gzip.decompress(package())], ()),
    "body of a pipeline": (strict_json.loads, [b'{"a": [1, 2.5e3, "\\u00e4"]}'], (ValueError,)),
}


@pytest.mark.parametrize("kind", BYTES)
def test_bytes(kind: str) -> None:
    read, examples, refused = BYTES[kind]

    @bounded(150)
    @given(damaged(examples))
    def try_it(content: bytes) -> None:
        with in_time():
            outcome(read, content, refused)

    try_it()


def outcome(read: Callable[[Any], Any], given: Any, refused: tuple[type[Exception], ...]) -> None:
    """A value, or a refusal in words."""
    try:
        read(given)
    except refused as error:
        assert str(error).strip()  # noqa: PT017  any of them, and none is fine too


@bounded(150)
@given(st.data())
def test_a_workflow_of_n8n(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    told = {
        "N8N_API_URL": "http://n8n",
        "N8N_API_KEY": "x",
        "GATEWAY_URL": "http://gateway",
        "MLOPS_API_KEY": "x" * 32,
        "NOTIFY_WEBHOOK_URL": "http://chat",
    }
    settings = n8n_settings(told)
    assert settings
    folder = tmp_path_factory.mktemp("n8n")
    file = folder / "n8n" / "workflows" / "a.json"
    file.parent.mkdir(parents=True)
    if data.draw(st.booleans()):
        file.write_text(json.dumps(data.draw(damaged_document(WORKFLOWS))))
    else:
        file.write_bytes(data.draw(damaged([json.dumps(each).encode() for each in WORKFLOWS])))
    problems: list[Problem] = []
    with in_time():
        items = workflow_items(folder, settings, problems)
    assert items or problems


@bounded(200)
@given(damaged([json.dumps({"name": "a", "nodes": [], "edges": []}).encode()]))
def test_the_file_of_a_pipeline(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("pipeline") / "pipeline.json"
    file.write_bytes(content)
    with in_time():
        outcome(read_pipeline, file, (PipelineError,))


HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def signed() -> list[str]:
    return ["msg_1", str(NOW), sign(SECRET, "msg_1", str(NOW), b'{"a": 1}')]


@bounded(300)
@given(st.integers(0, 3), damaged_text(signed()), damaged([b'{"a": 1}']))
def test_an_event_whose_signature_does_not_fit(which: int, text: str, body: bytes) -> None:
    headers = dict(zip(HEADERS, signed(), strict=True))
    sent = body if which == 3 else b'{"a": 1}'
    if which < 3:
        headers[HEADERS[which]] = text
    event = Event.received(headers, sent)
    same = Event.received(dict(zip(HEADERS, signed(), strict=True)), b'{"a": 1}')
    with in_time():
        try:
            verify(event, SECRET, NOW)
        except BadSignature:
            return
    unchanged = (event.id, event.timestamp, event.body) == (same.id, same.timestamp, same.body)
    assert unchanged
    assert set(same.signatures) <= set(event.signatures)
