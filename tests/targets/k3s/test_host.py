"""What a cluster is given once what runs is applied: keys, documents, and how LiteLLM is told."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from windmill.scripts.targets.k3s import host
from windmill.scripts.targets.k3s.manifests import CHECKSUM, config_map

ID = "chat-0a1b2c"


class Noting:
    """A cluster that holds what it is given, and notes what else it is told."""

    def __init__(self) -> None:
        self.held: dict[str, Mapping[str, Any]] = {}
        self.told: list[Sequence[str]] = []

    def get(self, _kind: str, name: str, _namespace: str) -> Mapping[str, Any]:
        return self.held.get(name, {})

    def apply(self, documents: Sequence[Mapping[str, Any]]) -> bool:
        self.held |= {each["metadata"]["name"]: each for each in documents}
        return True

    def run(self, *arguments: str) -> str:
        self.told.append(arguments)
        return ""


def checksum(told: Sequence[str]) -> str:
    (patch,) = (word for word in told if word.startswith("--patch="))
    annotations = json.loads(patch.partition("=")[2])["spec"]["template"]["metadata"]["annotations"]
    return str(annotations[CHECKSUM])


def test_pods_read_what_litellm_asks_anew_only_where_it_changed_under_the_same_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another revision has a name of its own, and with it pods of its own."""
    cluster: Any = Noting()

    def give(revision: int, text: str) -> None:
        config = config_map(ID, f"litellm-{revision}", text)
        monkeypatch.setattr(host, "_of_language_model", lambda wanted: [config])
        host._give(cluster, wanted)

    nothing = type("Nothing", (), {"files": ()})()
    monkeypatch.setattr(host, "carried", lambda pipeline: nothing)
    deployment = type("Named", (), {"id": ID})()
    told = {"deployment": deployment, "pipeline": None, "api_key": "k"}
    wanted: Any = type("Wanted", (), told)()
    give(1, "one")
    give(1, "one")
    give(2, "two")
    assert cluster.told == []
    give(2, "other")
    give(2, "third")
    assert [words[:4] for words in cluster.told] == [
        ("patch", "deployment", "api", f"--namespace={ID}")
    ] * 2
    assert len({checksum(words) for words in cluster.told}) == 2
