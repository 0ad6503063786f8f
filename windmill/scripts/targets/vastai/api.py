"""What Vast.ai's API takes and tells, as far as it is used here.

Source: the vendor's OpenAPI document and its own client 1.9.1. Where these two differ (the type of
`env`), the client is right. An instance's environment is left out: it holds secrets.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

LONGEST_ONSTART = 4048  # characters
NEVER_RUNS = frozenset({"exited", "unknown", "offline"})

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Words = Annotated[str, BeforeValidator(lambda told: "" if told is None else str(told))]
Identifier = Annotated[int, Field(ge=1)]


def disk_gb(volume_gb: int) -> int:
    """An instance has one disk, for its image and for what it fetches."""
    return volume_gb + 40


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class OfferSearch(Sent):
    """`gpu_memory` is in MB and of one GPU, `disk` in GB, `highest_price` in USD an hour for all;
    `memory` in MB is of the whole host, of which a machine gets its share.

    A bid (`spot`) may lose its machine to a higher one at any time.
    """

    gpu_names: tuple[str, ...] = ()
    gpus: int = Field(default=1, ge=1)
    gpu_memory: int = Field(default=0, ge=0)
    cpus: float = Field(default=0, ge=0)
    memory: int = Field(default=0, ge=0)
    reliability: float = Field(default=0.95, ge=0, le=1)
    highest_price: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    disk: int = Field(default=10, ge=1)
    ports: int = Field(default=1, ge=0)
    spot: bool = False
    limit: int = Field(default=50, ge=1)

    def body(self) -> dict[str, Any]:
        flags = {"verified": True, "external": False, "rentable": True, "rented": False}
        filters: dict[str, Any] = {name: {"eq": value} for name, value in flags.items()}
        filters |= {"num_gpus": {"eq": self.gpus}, "gpu_ram": {"gte": self.gpu_memory}}
        filters |= {"reliability": {"gte": self.reliability}, "disk_space": {"gte": self.disk}}
        filters |= {"direct_port_count": {"gte": self.ports}}
        if self.cpus:
            filters["cpu_cores_effective"] = {"gte": self.cpus}
        if self.memory:
            filters["cpu_ram"] = {"gte": self.memory}
        if self.gpu_names:
            filters["gpu_name"] = {"in": list(self.gpu_names)}
        if self.highest_price is not None:
            filters["dph_total"] = {"lte": self.highest_price}
        kind = "bid" if self.spot else "on-demand"
        order = {"order": [["dph_total", "asc"]], "type": kind, "limit": self.limit}
        return {**filters, **order, "allocated_storage": self.disk}


class InstanceOrder(Sent):
    """`disk` is in GB; `ports` are those inside the container; the image's entrypoint gets `args`.

    `label` is how an instance is found again whose making was never confirmed. `bid` is in USD per
    hour and machine.
    """

    label: str = Field(min_length=1, max_length=1024)
    image: str = Field(min_length=1)
    disk: int = Field(ge=1)
    ports: tuple[Port, ...] = ()
    env: dict[Name, SecretStr] = Field(default_factory=dict)
    args: tuple[str, ...] = ()
    onstart: str = Field(default="", max_length=LONGEST_ONSTART)
    bid: float | None = Field(default=None, ge=0.001, le=128)

    def body(self) -> dict[str, Any]:
        """As it is sent, secrets revealed. A machine that cannot start now is not waited for."""
        env = {name: value.get_secret_value() for name, value in self.env.items()}
        env |= {f"-p {port}:{port}": "1" for port in self.ports}
        asked = {"label": self.label, "image": self.image, "disk": self.disk, "env": env}
        fixed = {"client_id": "me", "runtype": "args", "cancel_unavail": True}
        args = {"args": list(self.args)} if self.args else {}
        onstart = {"onstart": self.onstart} if self.onstart else {}
        bid = {} if self.bid is None else {"price": self.bid}
        return {**asked, **fixed, **args, **onstart, **bid}


class Offer(Told):
    """`gpu_ram` is in MB, `disk_space` in GB. `cpu_ram` in MB is the whole host's with all its
    `cpu_cores`; the machine has `cpu_cores_effective` of these, and as much of the memory.

    Prices in USD: `dph_total` and `min_bid` per hour and machine, `storage_cost` per GB and month,
    what goes in and out per GB.
    """

    id: Identifier
    machine_id: int
    gpu_name: str
    num_gpus: int = Field(ge=1)
    gpu_ram: float = Field(ge=0)
    disk_space: float = Field(ge=0)
    cpu_cores: float | None = Field(default=None, ge=0)
    cpu_cores_effective: float | None = Field(default=None, ge=0)
    cpu_ram: float | None = Field(default=None, ge=0)
    dph_total: Money
    min_bid: Money | None = None
    storage_cost: Money = 0
    inet_up_cost: Money = 0
    inet_down_cost: Money = 0
    reliability: float | None = None
    geolocation: str | None = None

    @property
    def memory(self) -> float | None:
        """MB of the machine; None where its share of the host cannot be told."""
        if not self.cpu_cores or self.cpu_cores_effective is None or self.cpu_ram is None:
            return None
        return self.cpu_ram * self.cpu_cores_effective / self.cpu_cores


class OfferList(Told):
    offers: list[Offer]


class HostPort(Told):
    HostPort: str


class Instance(Told):
    """`dph_total` is in USD per hour. No status at all means that it is being made."""

    id: Identifier
    label: str | None = None
    actual_status: str | None = None
    intended_status: str | None = None
    cur_state: str | None = None
    next_state: str | None = None
    status_msg: str | None = None
    gpu_name: str | None = None
    num_gpus: int | None = None
    dph_total: Money | None = None
    public_ipaddr: Annotated[str, StringConstraints(strip_whitespace=True)] | None = None
    ports: dict[str, list[HostPort] | None] | None = None

    @property
    def never_runs(self) -> bool:
        """Waiting does not help, yet it goes on costing: it has to be destroyed."""
        return self.actual_status in NEVER_RUNS

    @property
    def was_stopped(self) -> bool:
        """All that it is, is to be and comes next is stopped: so an outbid one is told."""
        told = {self.intended_status, self.cur_state, self.next_state or "stopped"}
        return told == {"stopped"}


class InstancePage(Told):
    instances: list[Instance]
    next_token: str | None = None


class InstanceAnswer(Told):
    instances: Instance | None


class Outcome(Told):
    """Of what changes something, and of whatever fails: some failures come with status 200.

    Words may have any form there: they must never hide an instance that was made.
    """

    success: bool | None = None
    error: Words = ""
    msg: Words = ""
    detail: Words = ""
    new_contract: int | None = None
