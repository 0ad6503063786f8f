"""What callers send about keys, and what they are told."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.access.roles import Role
from gateway.state.keys import KnownKey
from gateway.state.sessions import Session
from windmill.scripts.model.base.names import Name


class AddKey(BaseModel):
    """A key to be made, for this gateway's workspace."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role
    deployments: Annotated[list[Name], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="By name; without them the role holds over the workspace"
    )
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=90, description="null: never"
    )


class KeyAnswer(BaseModel):
    """What is known of a key; not the key."""

    id: str = Field(description="The key begins with `mlops_` and this")
    name: str
    role: Role
    deployments: list[str] | None = Field(description="null: all of the workspace")
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute")
    revoked_at: datetime | None

    @classmethod
    def of(cls, known: KnownKey) -> "KeyAnswer":
        names = None if known.deployments is None else sorted(known.deployments)
        fields = {name: getattr(known, name) for name in cls.model_fields if hasattr(known, name)}
        return cls(**{**fields, "deployments": names})


class KeyMade(KeyAnswer):
    key: str = Field(description="The key itself; it is shown this once")


class Me(BaseModel):
    """Who the caller is to this gateway."""

    name: str
    role: Role | None = Field(description="The highest")
    workspace: str
    permissions: list[str] = Field(description="Over all of the workspace")
    deployments: list[str] | None = Field(description="null: all of the workspace")


class SessionAnswer(BaseModel):
    """A browser that is signed in."""

    id: str
    who: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session) -> "SessionAnswer":
        return cls(
            id=session.id,
            who=session.principal.name,
            created_at=session.created_at,
            refreshed_at=session.refreshed_at,
            expires_at=session.expires_at,
        )
