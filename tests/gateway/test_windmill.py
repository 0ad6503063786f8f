"""Answers of a Windmill that are not what one would wish."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.clients.windmill import KEPT_JOBS, Windmill
from gateway.errors import WindmillRefused, WindmillUnreachable

Answer = Callable[[httpx.Request], httpx.Response]
JOB = {"type": "CompletedJob", "success": True, "job_kind": "flow"}


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[Windmill]:
    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://windmill", transport=transport) as http:
        yield Windmill(http, "mlops")


async def test_a_page_instead_of_json_is_told() -> None:
    async with answering(lambda _: httpx.Response(200, text="<html>proxy</html>")) as windmill:
        with pytest.raises(WindmillRefused, match="not JSON"):
            await windmill.flow("f/mlops/x")


async def test_windmill_is_asked_to_leave_its_hint_out_of_logs() -> None:
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query)
        return httpx.Response(200, text="planning\n")

    async with answering(answer) as windmill:
        assert await windmill.logs("a") == "planning\n"
    assert asked == [b"remove_ansi_warnings=true"]


async def test_a_timeout_is_told_with_the_address() -> None:
    def time_out(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    async with answering(time_out) as windmill:
        with pytest.raises(WindmillUnreachable, match="http://windmill"):
            await windmill.version()


async def test_arguments_too_large_to_show_do_not_hide_the_job() -> None:
    job = {**JOB, "id": "a", "args": "WINDMILL_TOO_BIG"}
    async with answering(lambda _: httpx.Response(200, json=job)) as windmill:
        found = await windmill.job("a")
    assert found is not None
    assert (found.args, found.completed) == (None, True)


async def test_a_completed_job_is_read_once_and_not_kept_for_ever() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rsplit("/", 1)[-1])
        return httpx.Response(200, json={**JOB, "id": asked[-1]})

    async with answering(answer) as windmill:
        await windmill.job("first")
        await windmill.job("first")
        assert asked == ["first"]
        for number in range(KEPT_JOBS):
            await windmill.job(str(number))
        assert len(windmill.completed) == KEPT_JOBS
        await windmill.job("first")
    assert asked.count("first") == 2
