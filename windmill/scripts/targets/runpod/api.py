"""What RunPod's REST API v2 takes and tells, as far as it is used here.

Source: the vendor's OpenAPI document of version 2.0.0. What is sent is strict, because unknown
fields are refused there; what comes may grow. A Pod's `env` is left out: it holds secrets.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_serializer

Cloud = Literal["SECURE", "COMMUNITY"]
PodStatus = Literal["PROVISIONING", "STARTING", "RUNNING", "EXITED", "ERROR", "TERMINATED"]


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Gpu(Sent):
    id: str = Field(min_length=1)
    count: int = Field(default=1, ge=1)


class PersistentVolume(Sent):
    """`size` is in GB."""

    size: int = Field(ge=10)
    path: str


class Mounts(Sent):
    persistent: PersistentVolume


class PodOrder(Sent):
    """`disk` is in GB; `ports` are such as `8000/http`. `data_centers` are wishes: where a Pod came
    to stand it tells itself. Left out, it may be anywhere.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    name: str = Field(min_length=1)
    image: str = Field(min_length=1)
    gpu: Gpu
    cloud: Cloud = "SECURE"
    data_centers: tuple[str, ...] | None = Field(
        default=None, validation_alias="data_centers", serialization_alias="dataCenterIds"
    )
    disk: int = Field(ge=1)
    ports: tuple[str, ...] = ()
    env: dict[str, SecretStr] = Field(default_factory=dict)
    args: str = ""
    mounts: Mounts | None = None

    @field_serializer("env", when_used="json")
    def revealed(self, env: dict[str, SecretStr]) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in env.items()}


class ToldGpu(Told):
    id: str
    count: int = 1


class Pod(Told):
    """`cost` is in USD per hour, 0 once the Pod ended. `data_center` is told once it has one."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    name: str
    status: PodStatus
    image: str
    cost: float = Field(ge=0, allow_inf_nan=False)
    cloud: Cloud
    gpu: ToldGpu | None = None
    data_center: str | None = Field(default=None, alias="dataCenterId")


class PodList(Told):
    pods: list[Pod]


class GpuPrice(Told):
    """USD per hour and GPU."""

    secure: float = Field(ge=0, allow_inf_nan=False)
    community: float = Field(ge=0, allow_inf_nan=False)


Availability = Literal["NONE", "LOW", "MEDIUM", "HIGH"]


class DataCenter(Told):
    """Where there are GPUs of a type, and whether one is free."""

    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$")
    availability: Availability


class GpuType(Told):
    """`memory` is in GB; `availability` is told only where it was asked for, and of `data_centers`
    those of the countries that were asked for.
    """

    id: str
    name: str
    pool: str | None
    memory: int
    secure: bool
    community: bool
    price: GpuPrice
    availability: Availability | None = None
    data_centers: tuple[DataCenter, ...] = Field(default=(), alias="dataCenters")


class GpuTypeList(Told):
    gpus: list[GpuType]


class Problem(Told):
    """Of `application/problem+json`."""

    detail: str
    errors: list[str] = Field(default_factory=list)
