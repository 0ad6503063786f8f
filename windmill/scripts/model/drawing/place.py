"""A host that one logs in to by SSH, or a cluster, as the registry remembers it."""

from enum import StrEnum

from pydantic import BaseModel, Field

LOOPBACK = "127.0.0.1"
INTERNAL = "internal"  # a certificate of Caddy's own authority, which only its host knows


class AtBoot(StrEnum):
    """What starts a deployment again after a reboot of its host."""

    systemd = "systemd"
    user_systemd = "systemd-user"
    cron = "cron"
    docker = "docker"
    nothing = ""


STARTERS = {
    AtBoot.systemd: "systemd",
    AtBoot.user_systemd: "systemd, as a service of {user}'s,",
    AtBoot.cron: "cron",
    AtBoot.docker: "its Docker engine",
}


class HostPlace(BaseModel):
    """Nothing in it is a secret: `key` is the name of a Windmill variable or the path of a file."""

    host: str
    port: int = 22
    user: str = "root"
    key: str = ""
    host_key: str = Field(default="", description="as it showed itself first: type and key")
    listens: str = Field(default=LOOPBACK, description="where the pipeline's API listens there")
    server_name: str = Field(default="", description="by which it is called, by https; Caddy leads")
    certificate: str = Field(default="", description="acme, internal, or a folder there with one")
    behind: int = Field(default=0, description="the API's port there, which Caddy leads to")
    fronted: bool = Field(default=False, description="Caddy there has been told of it")
    docker: bool = Field(default=False, description="in containers of its Docker engine")
    root: str = Field(default="", description="the deployment's folder there")
    cache: str = Field(default="", description="what all deployments of the host share")
    python: str = ""
    namespace: str = Field(default="", description="of the Kubernetes at `host`; no host if given")
    at_boot: AtBoot = Field(
        default=AtBoot.nothing, description="what starts it again after a reboot; nothing if empty"
    )

    @property
    def identity(self) -> str:
        """Two places are one where these agree: processes there belong to the user."""
        return f"{self.user}@{self.host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """Reached only through a tunnel, by whoever does not trust its host's own authority."""
        is_public = bool(self.server_name) and self.certificate != INTERNAL
        return self.listens == LOOPBACK and not is_public

    def is_near(self, other: "HostPlace") -> bool:
        """An address that means something there only means the same here."""
        if self.namespace and other.namespace:
            return (self.host, self.port) == (other.host, other.port)
        return not (self.namespace or other.namespace) and self.host == other.host

    @property
    def after_reboot(self) -> str:
        """In words, for whoever asks what happens then."""
        if self.namespace:
            return f"after a restart of {self.host}, Kubernetes starts it again"
        if self.at_boot is AtBoot.nothing:
            return (
                f"after a reboot of {self.host} it stays down until it is deployed again: "
                f"it has no cron, and {self.user} no systemd that lingers "
                f"(`loginctl enable-linger {self.user}` as root there, then deploy again)"
            )
        starter = STARTERS[self.at_boot].format(user=self.user)
        return f"after a reboot of {self.host}, {starter} starts it again"
