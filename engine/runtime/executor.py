"""Runs one script job from claim to result."""

import asyncio
import json
import keyword
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ApiError, JobError
from engine.runtime.bash import positional
from engine.runtime.environment import job_environment
from engine.runtime.modules import ModuleFolders
from engine.runtime.outcome import Ended, bash_outcome, python_outcome
from engine.runtime.packages import Packages, package_names, wanted_minor
from engine.runtime.process import JobProcess, LogSink
from engine.settings import Settings
from engine.store.items import Versions
from engine.store.jobs import Job, Jobs
from engine.store.modules import ModuleSets
from engine.values import Values

_WRAPPER = Path(__file__).with_name("wrapper.py")


@dataclass(frozen=True)
class Code:
    path: str
    content: str
    lock: str
    language: str = "python3"
    modules: str | None = None


def importable(part: str) -> str:
    """A path segment as Windmill makes it a Python name."""
    name = re.sub(r"\W", "_", part)
    return f"_{name}" if name[:1].isdigit() or keyword.iskeyword(name) else name


def fresh_folder(job_id: str) -> Path:
    """Named after the job, so that a second run removes what a killed first one left."""
    folder = Path(tempfile.gettempdir(), f"windmill-job-{job_id}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def shared_folder(flow_id: str) -> Path:
    """What the steps of a flow with `same_worker` have in common."""
    return Path(tempfile.gettempdir(), f"windmill-shared-{flow_id}")


class Executor:
    def __init__(
        self,
        settings: Settings,
        jobs: Jobs,
        scripts: Versions,
        modules: ModuleSets,
        values: Values,
    ) -> None:
        self._settings, self._jobs, self._scripts, self._values = settings, jobs, scripts, values
        self._packages = Packages(settings.cache, settings.hashes)
        self._modules = ModuleFolders(settings.cache, modules)
        self._processes: dict[str, JobProcess] = {}
        self._timed_out: set[str] = set()
        self._stopping = False

    async def run(self, job: Job) -> None:
        """Ends with the job's result stored, unless it was stopped to be run again."""
        folder = fresh_folder(job.id)
        try:
            outcome = await self._run_in(folder, job)
        except (JobError, ApiError) as error:
            error = error if isinstance(error, JobError) else JobError("ExecutionErr", str(error))
            self._jobs.append_log(job.id, f"{error}\n")
            told = error.as_result()
            outcome = {"success": False, "result": _at_step(told, job) if error.at_step else told}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._store(job, outcome)

    def _store(self, job: Job, outcome: dict[str, Any]) -> None:
        if self._stopping and not outcome["success"]:
            return
        latest = self._jobs.get(job.id)
        if latest and latest.canceled:
            why = f" (reason: {latest.canceled_reason})" if latest.canceled_reason else ""
            told = f"job process terminated due to cancelled by {latest.canceled_by}{why}"
            stopped = JobError("ExecutionErr", f"execution error:\n{told}")
            outcome = {"success": False, "result": _at_step(stopped.as_result(), job)}
        self._jobs.finish(job.id, json.dumps(outcome["result"]), outcome["success"])

    async def stop(self, job_id: str, grace: float) -> None:
        if process := self._processes.get(job_id):
            await process.stop(grace)

    async def stop_all(self, grace: float) -> None:
        self._stopping = True
        await asyncio.gather(*(process.stop(grace) for process in list(self._processes.values())))

    def code(self, job: Job) -> Code:
        path = job.path or f"u/admin/preview_{job.id.replace('-', '')}"
        language = job.language or "python3"
        if job.code is not None:
            return Code(path, job.code, job.lock or "", language, job.modules)
        script = self._scripts.by_hash(job.workspace, job.runnable or "")
        if script is None:
            raise JobError("NotFound", f"script {path} ({job.runnable}) is not deployed any more")
        doc = script.doc
        return Code(path, doc["content"], doc.get("lock") or "", language, doc.get("modules"))

    async def _run_in(self, folder: Path, job: Job) -> dict[str, Any]:
        code = self.code(job)
        minor = wanted_minor(code.lock, code.content)
        python, note = await self._packages.interpreter(minor)
        deps = await self._packages.folder(code.lock, python, minor)
        self._write(folder, job, code)
        note += "" if code.lock.strip() else "no lock: only the standard library is available\n"
        env = job_environment(job, self._settings, job.token or "", self._flow_path(job))
        if deps:
            env["PYTHONPATH"] = str(deps)
        header = f"job={job.id} python={minor}\n{note}"
        ended = await self._watch(job, python, folder, env, header)
        return self._outcome(job, folder, ended)

    def _flow_path(self, job: Job) -> str | None:
        flow = self._jobs.get(job.parent) if job.step_id is not None and job.parent else None
        return flow.path if flow else None

    def _write(self, folder: Path, job: Job, code: Code) -> None:
        args = self._values.interpolate(job.workspace, json.loads(job.args))
        parts = [importable(part) for part in code.path.split("/")]
        spec: dict[str, Any] = {
            "path": code.path,
            "module": ".".join(parts),
            "packages": ", ".join(package_names(code.lock)),
            "function": "preprocessor" if self._prepares(job) else "main",
        }
        if code.language == "bash":
            target = folder / "main.sh"
            spec["bash"] = positional(code.content, args)
        else:
            target = folder.joinpath(*parts[:-1], f"{parts[-1]}.py")
            target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(code.content)
        self._modules.link(code.modules, target.parent)
        (folder / "job.json").write_text(json.dumps(spec))
        (folder / "args.json").write_text(json.dumps(args))
        shutil.copyfile(_WRAPPER, folder / "wrapper.py")
        self._share(folder, job)

    def _prepares(self, job: Job) -> bool:
        """Whether it makes the arguments of its flow."""
        flow = self._jobs.get(job.parent) if job.step_id == "preprocessor" and job.parent else None
        return flow is not None and json.loads(flow.flow_status or "{}").get("step") == -1

    def _share(self, folder: Path, job: Job) -> None:
        root = self._jobs.get(job.root) if job.root else None
        if root and root.flow and "same_worker" in root.flow and same_worker(root):
            shared_folder(root.id).mkdir(exist_ok=True)
            (folder / "shared").symlink_to(shared_folder(root.id))
        else:
            (folder / "shared").mkdir()

    def forget(self, flow_id: str) -> None:
        """Removes what the steps of a flow that has ended shared."""
        shutil.rmtree(shared_folder(flow_id), ignore_errors=True)

    async def _watch(
        self, job: Job, python: Path, folder: Path, env: dict[str, str], header: str
    ) -> Ended:
        sink = LogSink(
            lambda text: self._jobs.append_log(job.id, text), self._settings.max_log_bytes
        )
        process = await JobProcess.start(python, folder, env, sink)
        self._processes[job.id] = process
        timer = asyncio.create_task(self._enforce_timeout(job, process))
        try:
            with self._jobs.db.tx():
                self._jobs.update(job.id, pid=process.pid)
                self._jobs.append_log(job.id, header)
            if self._stopping or self._is_canceled(job):
                await process.stop(0)
            process.let_it_run()
            code = await process.wait()
        finally:
            timer.cancel()
            del self._processes[job.id]
        return Ended("bash" if job.language == "bash" else "python", code, sink.tail)

    def _is_canceled(self, job: Job) -> bool:
        latest = self._jobs.get(job.id)
        return latest is not None and latest.canceled

    async def _enforce_timeout(self, job: Job, process: JobProcess) -> None:
        if job.timeout:
            await asyncio.sleep(job.timeout)
            self._timed_out.add(job.id)
            await process.stop(self._settings.kill_grace)

    def _outcome(self, job: Job, folder: Path, ended: Ended) -> dict[str, Any]:
        if job.id in self._timed_out:
            self._timed_out.discard(job.id)
            told = (
                "job process terminated due to timeout after exceeding job-specific duration limit"
            )
            raise JobError("ExecutionErr", f"execution error:\n{told}")
        if job.language == "bash":
            return bash_outcome(folder, ended)
        limit = self._settings.max_result_bytes
        outcome = python_outcome(folder / "result.json", ended, limit)
        if not outcome["success"] and "wm_failure" not in outcome["result"]:
            outcome["result"] = _at_step(outcome["result"], job)
        return outcome


def _at_step(result: dict[str, Any], job: Job) -> dict[str, Any]:
    """An error that a step's own process made names the step, in the server's order of keys."""
    error = result["error"]
    if not isinstance(error, dict):
        return result
    named = {"step_id": job.step_id} if job.step_id is not None else {}
    return {"error": dict(sorted((error | named).items()))}


def same_worker(flow: Job) -> bool:
    return bool(json.loads(flow.flow or "{}").get("same_worker"))
