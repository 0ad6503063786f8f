"""Stands in for RunPod's Terraform provider; runs apart, with requirements/provider-double.lock.

Its schema is what the vendor's documentation says (runpod.json). It shows that our configuration,
its wiring and its state are right; it says nothing of the vendor's own code. A machine is a file.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from tf.iface import Provider, Resource
from tf.runner import run_provider
from tf.schema import Attribute, Schema
from tf.types import Bool, List, Map, Number, String, TfType, Unknown

FACTS = json.loads((Path(__file__).parent / "runpod.json").read_text())
GIVEN = {"cost": 0.44, "status": "RUNNING", "data_center_id": "EU-RO-1", "memory_in_gb": 50}
GIVEN |= {"cluster_ip": "", "created_at": "2026-11-09T00:00:00Z", "locked": False}


class Object(TfType):
    """Which `tf` lacks."""

    def __init__(self, fields: dict[str, TfType]) -> None:
        self.fields = fields

    def encode(self, value: Any) -> Any:
        return value

    def decode(self, value: Any) -> Any:
        return value

    def tf_type(self) -> bytes:
        fields = {name: json.loads(kind.tf_type()) for name, kind in self.fields.items()}
        return json.dumps(["object", fields], separators=(",", ":")).encode()


def type_of(words: str) -> TfType:
    if words.startswith("Object{"):
        pairs = (field.split(":") for field in words[len("Object{") : -1].split(","))
        return Object({name: type_of(kind) for name, kind in pairs})
    for prefix, made in (("List of ", List), ("Map of ", Map)):
        if words.startswith(prefix):
            return made(type_of(words.removeprefix(prefix)))
    return {"String": String, "Number": Number, "Bool": Bool}[words]()


def schema_of(attributes: dict[str, dict[str, Any]]) -> Schema:
    return Schema([_attribute(name, facts) for name, facts in attributes.items()], version=0)


def _attribute(name: str, facts: dict[str, Any]) -> Attribute:
    modes = facts["mode"].split("+")
    return Attribute(
        name,
        type_of(facts["type"]),
        required="required" in modes,
        optional="optional" in modes,
        computed="computed" in modes,
        sensitive=facts.get("sensitive", False),
        requires_replace=facts.get("force_new", False),
    )


class Pod(Resource):
    def __init__(self, provider: "RunPod") -> None:
        self.pods = provider.pods

    @classmethod
    def get_name(cls) -> str:
        return "pod"

    @classmethod
    def get_schema(cls) -> Schema:
        return schema_of(FACTS["resources"]["runpod_pod"]["attributes"])

    def create(self, ctx: Any, planned: dict[str, Any]) -> dict[str, Any]:
        defaults = GIVEN | {"id": secrets.token_hex(7), "gpu_count": 1, "cloud": "SECURE"}
        return self._keep(
            {name: defaults[name] if value is Unknown else value for name, value in planned.items()}
        )

    def read(self, ctx: Any, current: dict[str, Any]) -> dict[str, Any] | None:
        file = self._file(current)
        return json.loads(file.read_text()) if file.is_file() else None

    def update(self, ctx: Any, current: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
        return self._keep(
            {name: current[name] if value is Unknown else value for name, value in planned.items()}
        )

    def delete(self, ctx: Any, current: dict[str, Any]) -> None:
        self._file(current).unlink(missing_ok=True)

    def _keep(self, pod: dict[str, Any]) -> dict[str, Any]:
        self._file(pod).write_text(json.dumps(pod, indent=2))
        return pod

    def _file(self, pod: dict[str, Any]) -> Path:
        return self.pods / f"{pod['id']}.json"


class RunPod(Provider):
    pods = Path(os.environ["PROVIDER_DOUBLE_PODS"])

    def get_model_prefix(self) -> str:
        return "runpod_"

    def full_name(self) -> str:
        return str(FACTS["source"])

    def get_provider_schema(self, diags: Any) -> Schema:
        return schema_of(FACTS["provider"]["attributes"])

    def validate_config(self, diags: Any, config: dict[str, Any]) -> None:
        pass

    def configure_provider(self, diags: Any, config: dict[str, Any]) -> None:
        if not (config.get("api_key") or os.environ.get("RUNPOD_API_KEY")):
            diags.add_error("Missing API key", "Set api_key or RUNPOD_API_KEY.")

    def get_data_sources(self) -> list[Any]:
        return []

    def get_resources(self) -> list[Any]:
        return [Pod]


def main() -> None:
    run_provider(RunPod())
    os._exit(0)  # nothing is left to do, and Terraform waits for it
