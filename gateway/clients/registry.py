"""The deployment registry, read without blocking the server."""

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from gateway.errors import RegistryUnreachable
from windmill.scripts.model.drawing.deployment import Deployment, Event
from windmill.scripts.store.registry import Registry

T = TypeVar("T")


class Deployments:
    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def registry(self) -> Registry:
        # Connects when first read: a database that is down must not keep the gateway from starting.
        return Registry(self.url)

    async def all(self, include_destroyed: bool = False) -> list[Deployment]:
        return await _read(lambda: list(self.registry.list(include_destroyed=include_destroyed)))

    async def get(self, id_or_name: str) -> Deployment | None:
        return await _read(lambda: self.registry.get(id_or_name))

    async def of_job(self, job_id: str) -> Deployment | None:
        return await _read(lambda: self.registry.by_job(job_id))

    async def made_by(self, job_id: str) -> list[tuple[str, Deployment]]:
        return await _read(lambda: list(self.registry.made_by(job_id)))

    async def parts(self, meta_pipeline: str) -> list[Deployment]:
        return await _read(lambda: list(self.registry.parts(meta_pipeline)))

    async def latest_run(self, meta_pipeline: str) -> str | None:
        return await _read(lambda: self.registry.latest_run(meta_pipeline))

    async def events(self, deployment_id: str, after: int = 0) -> list[Event]:
        return await _read(lambda: list(self.registry.events(deployment_id, after=after)))

    def close(self) -> None:
        if "registry" in self.__dict__:
            self.registry.engine.dispose()


async def _read(query: Callable[[], T]) -> T:
    try:
        return await run_in_threadpool(query)
    except SQLAlchemyError as error:
        raise RegistryUnreachable from error


def read_all(url: str) -> list[Deployment]:
    """What lives, for a caller that has no server."""
    registry = Registry(url)
    try:
        return list(registry.list())
    finally:
        registry.engine.dispose()
