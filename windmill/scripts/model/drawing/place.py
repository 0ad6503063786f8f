"""A host that one logs in to by SSH, as the registry remembers it for a deployment."""

from pydantic import BaseModel, Field

LOOPBACK = "127.0.0.1"


class HostPlace(BaseModel):
    """Nothing in it is a secret: `key` is the name of a Windmill variable or the path of a file."""

    host: str
    port: int = 22
    user: str = "root"
    key: str = ""
    host_key: str = Field(default="", description="as it showed itself first: type and key")
    listens: str = Field(default=LOOPBACK, description="where the pipeline's API listens there")
    root: str = Field(default="", description="the deployment's folder there")
    cache: str = Field(default="", description="what all deployments of the host share")
    python: str = ""

    @property
    def identity(self) -> str:
        """Two places are one where these agree: processes there belong to the user."""
        return f"{self.user}@{self.host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """Reached only through a tunnel."""
        return self.listens == LOOPBACK
