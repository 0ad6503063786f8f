"""What Exoscale's API takes and tells, as far as it is used here.

Source: the vendor's OpenAPI document, as its own client 0.16.4 carries it. What an instance was
told to do at its start is left out of what is read: it holds secrets.
"""

from base64 import b64encode
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

LONGEST_USER_DATA = 32768  # characters, once they are base64
ANYBODY = "0.0.0.0/0"

ZoneName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[a-z]{2,5}-[0-9]{1,2}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F-]{36}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
NEVER_RUNS = frozenset({"error", "stopping", "stopped", "destroying", "destroyed", "expunging"})


def disk_gb(volume_gb: int) -> int:
    """An instance has one disk: for its system with a GPU's driver, for the image, and for what
    the server fetches."""
    return volume_gb + 60


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, alias_generator=_hyphens
    )


class InstanceOrder(Sent):
    """`disk` is in GiB. `labels` are how an instance is found again whose making was never
    confirmed; `user_data` is what cloud-init does at its first start."""

    name: str = Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    labels: dict[str, str]
    instance_type: Identifier
    template: Identifier
    security_group: Identifier
    disk: int = Field(ge=10, le=51200)
    user_data: SecretStr

    def body(self) -> dict[str, Any]:
        """As it is sent, secrets revealed. Nobody can log in: there is no SSH key."""
        return {
            "name": self.name,
            "labels": self.labels,
            "instance-type": {"id": self.instance_type},
            "template": {"id": self.template},
            "security-groups": [{"id": self.security_group}],
            "disk-size": self.disk,
            "public-ip-assignment": "inet4",
            "auto-start": True,
            "user-data": b64encode(self.user_data.get_secret_value().encode()).decode(),
        }


class Zone(Told):
    name: ZoneName


class ZoneList(Told):
    zones: list[Zone]


class InstanceType(Told):
    """`memory` is in bytes. What is not `authorized` has to be asked for at the support."""

    id: Identifier
    family: str
    size: str
    gpus: int = 0
    cpus: int = 0
    memory: int = 0
    authorized: bool = False
    zones: list[str] = Field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.family}.{self.size}"


class InstanceTypeList(Told):
    instance_types: list[InstanceType]


class Template(Told):
    id: Identifier
    name: str
    created_at: str = ""


class TemplateList(Told):
    templates: list[Template]


class Rule(Told):
    flow_direction: str = ""
    protocol: str = ""
    network: str = ""
    start_port: int = 0
    end_port: int = 0

    def opens(self, port: int) -> bool:
        ways = (self.flow_direction, self.protocol, self.network)
        return ways == ("ingress", "tcp", ANYBODY) and self.start_port <= port <= self.end_port


class SecurityGroup(Told):
    id: Identifier
    name: str
    rules: list[Rule] = Field(default_factory=list)


class SecurityGroupList(Told):
    security_groups: list[SecurityGroup]


class Reference(Told):
    id: Identifier


class Operation(Told):
    """Every change is one; its `reference` is what it is about."""

    id: Identifier
    state: Literal["pending", "success", "failure", "timeout"]
    reason: str = ""
    message: str = ""
    reference: Reference | None = None


class Instance(Told):
    id: Identifier
    name: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    state: str = ""
    public_ip: str = ""

    @property
    def never_runs(self) -> bool:
        """Waiting does not help, yet it may go on costing: it has to be destroyed."""
        return self.state in NEVER_RUNS


class InstanceList(Told):
    instances: list[Instance]


class Problem(Told):
    """Of a refusal; `errors` say which part of the request is wrong."""

    message: str = ""
    errors: list[Any] | dict[str, Any] = Field(default_factory=list)
