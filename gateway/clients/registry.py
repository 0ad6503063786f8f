"""The deployment registry, read without blocking the server."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from gateway.errors import NotDestroyed, RegistryOutOfStep, RegistrySealed, RegistryUnreachable
from windmill.scripts.model.base.errors import SealedCell, StillThere, WrongRevision
from windmill.scripts.model.drawing.deployment import Deployment, DeployRun, Event, Revision, State
from windmill.scripts.model.drawing.reading import ReadingReport
from windmill.scripts.store import erasing
from windmill.scripts.store.cells import Cells
from windmill.scripts.store.figures.totals import Spent, Totals, spent_since, totals
from windmill.scripts.store.reading import RegistryReader
from windmill.scripts.store.registry import Registry
from windmill.scripts.store.sealing import seal_all

T = TypeVar("T")


class Deployments:
    def __init__(self, url: str, keys: Sequence[str] = ()) -> None:
        """Raises RegistryKeyShort."""
        Cells(keys)
        self.url, self._keys = url, keys

    @cached_property
    def registry(self) -> RegistryReader:
        # Connects when first read: a database that is down must not keep the gateway from starting.
        return RegistryReader(self.url, self._keys)

    async def all(self, include_destroyed: bool = False) -> list[Deployment]:
        return await self._read(lambda registry: list(registry.list(include_destroyed)))

    async def get(self, id_or_name: str) -> Deployment | None:
        return await self._read(lambda registry: registry.get(id_or_name))

    async def of_job(self, job_id: str) -> Deployment | None:
        return await self._read(lambda registry: registry.by_job(job_id))

    async def made_by(self, job_id: str) -> list[tuple[str, Deployment]]:
        return await self._read(lambda registry: list(registry.made_by(job_id)))

    async def parts(self, meta_pipeline: str) -> list[Deployment]:
        return await self._read(lambda registry: list(registry.parts(meta_pipeline)))

    async def latest_run(self, meta_pipeline: str) -> str | None:
        return await self._read(lambda registry: registry.latest_run(meta_pipeline))

    async def deploy_runs(self, since: datetime) -> list[DeployRun]:
        return await self._read(lambda registry: list(registry.deploy_runs(since)))

    async def totals(self, now: datetime) -> Totals:
        return await self._read(lambda registry: totals(registry, now))

    async def spent_since(self, since: datetime, now: datetime) -> Spent:
        return await self._read(lambda registry: spent_since(registry, since, now))

    async def events(self, deployment_id: str, after: int = 0) -> list[Event]:
        return await self._read(lambda registry: list(registry.events(deployment_id, after=after)))

    async def notices(self, deployment_id: str) -> list[str]:
        return await self._read(lambda registry: list(registry.notices(deployment_id)))

    async def terraform_words(self, deployment_id: str) -> list[str]:
        return await self._read(lambda registry: list(registry.terraform_words(deployment_id)))

    async def revisions(self, deployment_id: str) -> list[Revision]:
        return await self._read(lambda registry: list(registry.revisions(deployment_id)))

    async def report(self, deployment_id: str, revision: int | None) -> ReadingReport | None:
        return await self._read(lambda registry: registry.report(deployment_id, revision))

    async def everything(self, deployment_id: str) -> dict[str, list[dict[str, Any]]]:
        """All rows of it, by table."""
        return await self._read(lambda registry: erasing.everything(registry, deployment_id))

    async def jobs_of(self, deployment_id: str) -> list[str]:
        return await self._read(lambda registry: erasing.jobs_of(registry, deployment_id))

    async def erase(self, deployment_id: str) -> int:
        """How many rows are gone. Raises NotDestroyed."""
        return await self._read(lambda registry: erasing.erase(registry, deployment_id))

    async def check_destroyed(self, deployment_id: str) -> None:
        """Raises NotDestroyed."""
        found = await self.get(deployment_id)
        if found and found.state != State.destroyed:
            error = StillThere(name=found.name, state=found.state.value)
            raise NotDestroyed(reason=error.message, fix=error.fix)

    async def _read(self, query: Callable[[RegistryReader], T]) -> T:
        """Raises RegistryOutOfStep, RegistrySealed, RegistryUnreachable."""
        try:
            return await run_in_threadpool(lambda: query(self.registry))
        except WrongRevision as error:
            told = {"found": error.found, "needed": error.needed}
            raise RegistryOutOfStep(fix=error.fix, **told) from error
        except StillThere as error:
            raise NotDestroyed(reason=error.message, fix=error.fix) from error
        except SealedCell as error:
            raise RegistrySealed(reason=error.message, fix=error.fix) from error
        except SQLAlchemyError as error:
            self.close()  # It may have been migrated meanwhile: opened again, it says so.
            raise RegistryUnreachable from error

    def close(self) -> None:
        if registry := self.__dict__.pop("registry", None):
            registry.engine.dispose()


def read_all(url: str, keys: Sequence[str] = ()) -> list[Deployment]:
    """What lives, for a caller that has no server."""
    registry = RegistryReader(url, keys)
    try:
        return list(registry.list())
    finally:
        registry.engine.dispose()


def seal(url: str, keys: Sequence[str]) -> int:
    """How many rows an earlier version kept plain or an earlier key sealed. Raises SealedCell."""
    registry = Registry(url, keys=keys)
    try:
        return seal_all(registry.engine, keys)
    finally:
        registry.engine.dispose()
