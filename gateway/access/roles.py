"""Roles, what each may do, and over what."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EVERY_WORKSPACE = "*"


class Permission(StrEnum):
    """What a route asks for."""

    see = "see"
    build = "build"
    see_keys = "see the keys of deployments"
    approve = "approve"
    manage = "manage keys and secrets"
    audit = "read the audit log"


class Role(StrEnum):
    """From the least to the most; each may do what those before it may."""

    viewer = "viewer"
    builder = "builder"
    operator = "operator"

    def may(self, permission: Permission) -> bool:
        return _RANK[self] >= _RANK[LEAST[permission]]


LEAST = {
    Permission.see: Role.viewer,
    Permission.build: Role.builder,
    Permission.see_keys: Role.builder,
    Permission.approve: Role.operator,
    Permission.manage: Role.operator,
    Permission.audit: Role.operator,
}
_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Grant:
    """A role over a workspace, or over single deployments in it, by their names."""

    role: Role
    workspace: str = EVERY_WORKSPACE
    deployments: frozenset[str] | None = None

    def holds_in(self, workspace: str) -> bool:
        return self.workspace in (EVERY_WORKSPACE, workspace)


@dataclass(frozen=True)
class Principal:
    """Whoever calls. `name` is what the audit log calls them."""

    name: str
    grants: tuple[Grant, ...]

    def may(self, permission: Permission, workspace: str) -> bool:
        """Over all of the workspace."""
        return any(g.deployments is None for g in self._giving(permission, workspace))

    def may_somewhere(self, permission: Permission, workspace: str) -> bool:
        return any(True for _ in self._giving(permission, workspace))

    def may_with(self, permission: Permission, workspace: str, names: Collection[str]) -> bool:
        """With all of these deployments; of none that could be named, only over the workspace."""
        giving = list(self._giving(permission, workspace))
        if any(grant.deployments is None for grant in giving):
            return True
        named = {name for grant in giving for name in grant.deployments or ()}
        return bool(names) and named.issuperset(names)

    def role_in(self, workspace: str) -> Role | None:
        """The highest, wherever it holds."""
        roles = [grant.role for grant in self.grants if grant.holds_in(workspace)]
        return max(roles, key=_RANK.__getitem__, default=None)

    def only_in(self, workspace: str) -> list[str] | None:
        """The single deployments that are all it has a role over; None for the workspace."""
        there = [grant for grant in self.grants if grant.holds_in(workspace)]
        if any(grant.deployments is None for grant in there):
            return None
        return sorted({name for grant in there for name in grant.deployments or ()})

    def _giving(self, permission: Permission, workspace: str) -> Iterable[Grant]:
        return (g for g in self.grants if g.holds_in(workspace) and g.role.may(permission))


def everything(name: str) -> Principal:
    return Principal(name, (Grant(Role.operator),))


class ClaimRule(BaseModel):
    """Of whom a provider of identities says this, has this role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str = Field(min_length=1)
    value: str = Field(min_length=1)
    role: Role
    # Empty: the gateway's own.
    workspace: str = ""

    def holds_for(self, claims: Mapping[str, Any]) -> bool:
        if self.claim == "email" and not email_of(claims):
            return False
        said = _claim(claims, self.claim)
        return self.value == said or (isinstance(said, list) and self.value in said)


def email_of(claims: Mapping[str, Any]) -> str:
    """Empty where the provider has not made sure that it is theirs."""
    verified = claims.get("email_verified") in (True, "true")
    email = claims.get("email")
    return email if verified and isinstance(email, str) else ""


def grants_by(
    rules: Iterable[ClaimRule], claims: Mapping[str, Any], workspace: str
) -> tuple[Grant, ...]:
    fitting = (rule for rule in rules if rule.holds_for(claims))
    return tuple(Grant(rule.role, rule.workspace or workspace) for rule in fitting)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """By its name, which may have dots itself, else by the way to it: `realm_access.roles`."""
    first, _, rest = name.partition(".")
    if name in claims or not rest:
        return claims.get(name)
    inner = claims.get(first)
    return _claim(inner, rest) if isinstance(inner, Mapping) else None
