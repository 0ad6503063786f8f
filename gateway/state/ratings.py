"""What people think of what was deployed: a number from 1 to 10 each, and nobody's name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from gateway.state.database import Database
from gateway.state.tables import RATINGS


@dataclass(frozen=True)
class Rated:
    """`points`: of all ratings together."""

    ratings: int = 0
    points: int = 0

    @property
    def mean(self) -> float | None:
        return self.points / self.ratings if self.ratings else None


class Ratings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, deployment_id: str, score: int, at: datetime) -> None:
        row = {"deployment_id": deployment_id, "score": score, "at": at}
        await self._database.write(lambda connection: connection.execute(insert(RATINGS), row))

    async def since(self, at: datetime | None = None) -> Rated:
        """All where no time is named."""
        return await self._database.read(lambda connection: _rated(connection, at))

    async def of(self, deployment_id: str) -> list[int]:
        """The oldest first."""
        query = select(RATINGS.c.score).where(RATINGS.c.deployment_id == deployment_id)
        ordered = query.order_by(RATINGS.c.number)
        return await self._database.read(lambda connection: list(connection.scalars(ordered)))

    async def erase(self, deployment_id: str) -> int:
        """How many are gone."""
        theirs = delete(RATINGS).where(RATINGS.c.deployment_id == deployment_id)
        return await self._database.write(lambda connection: connection.execute(theirs).rowcount)


def _rated(connection: Connection, since: datetime | None) -> Rated:
    query = select(func.count(), func.coalesce(func.sum(RATINGS.c.score), 0))
    if since is not None:
        query = query.where(RATINGS.c.at >= since)
    ratings, points = connection.execute(query).one()
    return Rated(ratings, int(points))
