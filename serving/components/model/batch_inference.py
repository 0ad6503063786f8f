"""A prompt over every row of a file; what is done stays done, whatever stops in between."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from serving.component import Component, Config, Context
from serving.errors import BadPrompt, JobRuns, LlmError, ServingError
from serving.files import write_atomically
from serving.models.llm import Llm
from serving.port_types import Job, JobState
from serving.tables.reader import stream
from serving.tables.writer import as_file, json_line

FILE_NAME = r"^([A-Za-z0-9_][A-Za-z0-9_. -]{0,120})?$"
COLUMN = re.compile(r"\{([^{}]+)\}")
PATIENCE_SECONDS = 300
MOST_FAILURES = 5  # one after the other: then the model, and not a row, is to blame
Values = dict[str, Any]  # of a row, by column


class BatchConfig(Config):
    input: str = Field(min_length=1)
    prompt: str = Field(min_length=1)
    output: str = Field(default="", pattern=FILE_NAME)
    column: str = Field(default="answer", min_length=1)
    model: str = Field(default="smollm2", min_length=1)
    max_tokens: int = Field(default=64, ge=1, le=4096)
    run_at_start: bool = True

    @field_validator("output", mode="before")
    @classmethod
    def _name(cls, output: Any) -> Any:
        if isinstance(output, str) and not re.search(FILE_NAME, output):
            raise ValueError(
                f"{output[:80]!r} is no plain file name; the file is kept with the deployment, "
                "and GET /batch/output gives it"
            )
        return output


class BatchInference(Component):
    kind = "batch-inference"
    services = ("model-server", "litellm")
    Config = BatchConfig

    def __init__(self, config: BatchConfig, context: Context) -> None:
        super().__init__(config, context)
        self._job = FileJob(config, context)

    async def run(self) -> Job:
        await self._job.restore()
        return self._job


class FileJob(Job):
    """Its folder holds the finished rows of the run, line by line, and what the run is."""

    def __init__(self, config: BatchConfig, context: Context) -> None:
        self._config = config
        self._llm: Llm = context.llm
        self._files = context.files
        self._source = Path(config.input)
        self._folder = context.folder
        self._state = JobState()
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> JobState:
        return self._state

    @property
    def output(self) -> Path | None:
        path = self._result_path
        return path if self._state.status == "done" and path.is_file() else None

    async def restore(self) -> None:
        """After a crash the run goes on where it was; a first start begins it if so wished."""
        if self._task is not None:
            return
        await asyncio.to_thread(self._check_prompt)
        kept = self._folder / "run.json"
        if kept.is_file():
            self._state = JobState(**json.loads(kept.read_text("utf-8")))
        if self._state.status == "running" or (not self._state.run and self._config.run_at_start):
            await self.start()

    async def start(self) -> JobState:
        if self._task is not None and not self._task.done():
            raise JobRuns(run=self._state.run)
        await asyncio.to_thread(self._prepare)
        self._task = asyncio.create_task(self._run())
        return self._state

    def _prepare(self) -> None:
        """A run that failed or was cut off is continued; a finished one is begun anew."""
        self._check_prompt()
        if self._state.status not in ("failed", "running"):
            self._rows_path.unlink(missing_ok=True)
            self._state = JobState(run=self._state.run + 1, started_at=time.time())
        done = list(self._finished())
        self._state.done, self._state.failed = len(done), sum("error" in row for row in done)
        self._state.total = sum(1 for _ in stream(self._files, self._source))
        self._state.status, self._state.reason = "running", ""
        self._keep()

    async def _run(self) -> None:
        try:
            await self._llm.until_reachable(PATIENCE_SECONDS)
            await self._answer_rows()
            await asyncio.to_thread(self._publish)
            self._end("done")
        except ServingError as error:
            self._end("failed", error.message)
        except OSError as error:
            self._end("failed", f"{error.filename}: {error.strerror}")
        except Exception as error:
            self._end("failed", f"{type(error).__name__}; the log says more")
            raise

    async def _answer_rows(self) -> None:
        in_a_row = 0
        for row in islice(stream(self._files, self._source), self._state.done, None):
            try:
                finished = row.values | {self._config.column: await self._ask(row.values)}
                in_a_row = 0
            except LlmError as error:
                in_a_row += 1
                if in_a_row == MOST_FAILURES:
                    raise
                finished = row.values | {self._config.column: "", "error": error.message}
                self._state.failed += 1
            await asyncio.to_thread(self._append, finished)
            self._state.done += 1

    async def _ask(self, row: Values) -> str:
        return await self._llm.complete(
            {
                "model": self._config.model,
                "messages": [{"role": "user", "content": fill(self._config.prompt, row)}],
                "max_tokens": self._config.max_tokens,
                "temperature": 0,
            }
        )

    def _append(self, row: Values) -> None:
        with self._rows_path.open("a", encoding="utf-8") as file:
            file.write(json_line(row))

    def _finished(self) -> Iterator[Values]:
        """A line that a crash cut off is not counted, and overwritten."""
        if not self._rows_path.is_file():
            return
        whole, _, _ = self._rows_path.read_text("utf-8").rpartition("\n")
        self._rows_path.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
        yield from map(json.loads, filter(None, whole.split("\n")))

    def _publish(self) -> None:
        rows = list(self._finished())
        write_atomically(self._result_path, as_file(self._result_path, rows).encode())

    def _check_prompt(self) -> None:
        first = next(stream(self._files, self._source), None)
        if first is None:
            raise BadPrompt(reason=f"{self._source} holds no rows")
        columns_used = COLUMN.findall(self._config.prompt)
        unknown = [name for name in columns_used if name not in first.values]
        if unknown:
            columns = ", ".join(first.values)
            raise BadPrompt(reason=f"the rows have no column {unknown[0]!r}, they have {columns}")

    def _end(self, status: Any, reason: str = "") -> None:
        self._state.status, self._state.reason = status, reason
        self._state.finished_at = time.time()
        self._keep()

    def _keep(self) -> None:
        content = json.dumps(vars(self._state)).encode()
        write_atomically(self._folder / "run.json", content)

    @property
    def _rows_path(self) -> Path:
        return self._folder / "rows.jsonl"

    @property
    def _result_path(self) -> Path:
        name = self._config.output
        if name:
            return self._folder / "output" / name
        return self._folder / f"output{self._source.suffix.lower()}"


def fill(prompt: str, row: Values) -> str:
    """Each {column} once, by value: what a row holds is never read as a template."""
    return COLUMN.sub(lambda match: str(row.get(match[1], "")), prompt)
