"""Terraform's states in the registry's own Postgres: one a deployment, locked while a run is at it.

A worker of Windmill's has no folder that outlives it. Terraform's `pg` backend keeps a workspace a
row; what it is asked with stays in the environment and is in none of its files.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import Engine, column, delete, inspect, select, table, text
from sqlalchemy.engine import URL

SCHEMA = "mlops_terraform"
# That of the backend.
STATES = table("states", column("name"), column("data"), schema=SCHEMA)
OURS = "terraform"
# How Terraform's driver must be told what Postgres' own programs find out by themselves.
UNKNOWN_TO_IT = ("prefer", "allow")
MOST_NAME = 63  # bytes of an application's name in Postgres


@dataclass(frozen=True)
class SharedState:
    """Of one deployment. `address`: where Terraform finds it, with the password."""

    engine: Engine
    deployment_id: str
    address: SecretStr

    @property
    def workspace(self) -> str:
        return self.deployment_id

    @property
    def environment(self) -> dict[str, str]:
        return {"PG_CONN_STR": self.address.get_secret_value()}

    @property
    def backend(self) -> Mapping[str, Mapping[str, str]]:
        return {"pg": {"schema_name": SCHEMA}}

    def read(self) -> str:
        """As Terraform wrote it; '' where there is none."""
        if not inspect(self.engine).has_table(STATES.name, SCHEMA):
            return ""
        query = select(STATES.c.data).where(STATES.c.name == self.deployment_id)
        with self.engine.connect() as connection:
            return str(connection.scalar(query) or "")

    def forget(self) -> None:
        """Once nothing is left of what it tells of."""
        if not self.read():
            return
        with self.engine.begin() as connection:
            connection.execute(delete(STATES).where(STATES.c.name == self.deployment_id))

    def holder(self) -> str:
        """Which run has the lock now, and since when; '' where none has."""
        query = text(
            "select application_name, backend_start at time zone 'UTC' "
            "from pg_stat_activity join pg_locks using (pid) "
            "where locktype = 'advisory' and granted and application_name like :ours"
        )
        ours = f"{OURS} {_short(self.deployment_id)} %"
        with self.engine.connect() as connection:
            found = connection.execute(query, {"ours": ours}).first()
        if found is None:
            return ""
        run = str(found[0]).removeprefix(ours.rstrip("%"))
        return f"run {run}, since {found[1]:%Y-%m-%d %H:%M:%S}Z"


def shared_state(engine: Engine, deployment_id: str, run: str = "") -> SharedState | None:
    """None where the registry is a file: so is the state then. `run`: whose lock it will be."""
    if engine.name != "postgresql":
        return None
    query = {key: value for key, value in engine.url.query.items() if key != "sslmode"}
    named = f"{OURS} {_short(deployment_id)} {run[:13] or '?'} on {socket.gethostname()}"
    told = {**query, "sslmode": _sslmode(engine), "application_name": named[:MOST_NAME]}
    address = URL.create(
        "postgres",
        engine.url.username,
        engine.url.password,
        engine.url.host,
        engine.url.port,
        engine.url.database,
        told,
    )
    return SharedState(engine, deployment_id, SecretStr(address.render_as_string(False)))


def _sslmode(engine: Engine) -> str:
    said = str(engine.url.query.get("sslmode") or os.environ.get("PGSSLMODE") or UNKNOWN_TO_IT[0])
    if said not in UNKNOWN_TO_IT:
        return said
    with engine.connect() as connection:
        return "require" if connection.scalar(text("show ssl")) == "on" else "disable"


def _short(deployment_id: str) -> str:
    """Its end tells it from others of the name."""
    return deployment_id[-20:]
