"""Runs one script job from claim to result."""

import asyncio
import json
import keyword
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ApiError, JobError
from engine.runtime.bash import positional
from engine.runtime.environment import common_environment, job_environment, own_variables
from engine.runtime.folders import Removal, fresh_folder, shared_folder
from engine.runtime.groups import OWNER
from engine.runtime.modules import ModuleFolders
from engine.runtime.outcome import Ended, bash_outcome, python_outcome
from engine.runtime.packages import RUNNING_MINOR, Packages, package_names, wanted_minor
from engine.runtime.process import JobProcess, LogSink
from engine.runtime.warm import Interpreter, WarmInterpreters
from engine.settings import Settings
from engine.store.items import Versions
from engine.store.jobs import Job, Jobs
from engine.store.modules import ModuleSets
from engine.values import Values

# Windmill takes the arguments of the first and runs the last.
_MAIN = re.compile(r"^def main\(", re.MULTILINE)
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
        owned = {OWNER: str(settings.db)}
        self._warm = WarmInterpreters(common_environment(settings) | owned)
        self._removal = Removal()
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
            self._removal.remove(folder)
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

    async def prepare(self) -> None:
        """What every first step would wait for."""
        self._removal.take_up()
        python, _ = await self._packages.interpreter(RUNNING_MINOR)
        self._warm.start(Interpreter(python))

    async def stop(self, job_id: str, grace: float) -> None:
        if process := self._processes.get(job_id):
            await process.stop(grace)

    async def stop_all(self, grace: float) -> None:
        self._stopping = True
        await asyncio.gather(*(process.stop(grace) for process in list(self._processes.values())))
        self._warm.retire()
        self._removal.finish()

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
        env = job_environment(job, self._settings, job.token or "", self._flow_path(job))
        self._write(folder, job, code, env)
        note += "" if code.lock.strip() else "no lock: only the standard library is available\n"
        if deps:
            env["PYTHONPATH"] = str(deps)
        header = f"job={job.id} python={minor}\n{note}"
        interpreter = Interpreter(python, deps)
        ended = await self._watch(job, interpreter, folder, env, header)
        self._learn(interpreter, folder / "imports.json")
        self._keep_arguments(job, folder / "prepared.json")
        return self._outcome(job, folder, ended)

    def _keep_arguments(self, job: Job, made: Path) -> None:
        """Those that its own preprocessor made of the event are the job's from then on."""
        if made.exists():
            self._jobs.update(job.id, args=made.read_text())

    def _learn(self, interpreter: Interpreter, seen: Path) -> None:
        if seen.exists():
            self._warm.learn(interpreter, json.loads(seen.read_text()))

    def _flow_path(self, job: Job) -> str | None:
        flow = self._jobs.get(job.parent) if job.step_id is not None and job.parent else None
        return flow.path if flow else None

    def _write(self, folder: Path, job: Job, code: Code, env: dict[str, str]) -> None:
        args = self._values.arguments(job.workspace, json.loads(job.args), own_variables(env))
        parts = [importable(part) for part in code.path.split("/")]
        spec: dict[str, Any] = {
            "path": code.path,
            "module": ".".join(parts),
            "packages": ", ".join(package_names(code.lock)),
            "function": "preprocessor" if self._prepares(job) else "main",
            "preprocesses": bool(job.preprocesses),
        }
        if code.language != "bash" and len(_MAIN.findall(code.content)) > 1:
            raise JobError("ExecutionErr", f"{code.path} defines `main` twice: keep one of them")
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
        (folder / "wrapper.py").symlink_to(_WRAPPER)
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
        self,
        job: Job,
        interpreter: Interpreter,
        folder: Path,
        env: dict[str, str],
        header: str,
    ) -> Ended:
        sink = LogSink(
            lambda text: self._jobs.append_log(job.id, text), self._settings.max_log_bytes
        )
        process = await JobProcess.start(self._warm, interpreter, folder, env, sink)
        self._processes[job.id] = process
        enforcing = self._enforce_timeout(job, process, job.timeout) if job.timeout else None
        timer = asyncio.create_task(enforcing) if enforcing else None
        try:
            with self._jobs.db.tx():
                self._jobs.update(job.id, pid=process.pid)
                self._jobs.append_log(job.id, header)
            if self._stopping or self._is_canceled(job):
                await process.stop(0)
            process.let_it_run()
            code = await process.wait()
        finally:
            if timer:
                timer.cancel()
            del self._processes[job.id]
        return Ended("bash" if job.language == "bash" else "python", code, sink.tail)

    def _is_canceled(self, job: Job) -> bool:
        latest = self._jobs.get(job.id)
        return latest is not None and latest.canceled

    async def _enforce_timeout(self, job: Job, process: JobProcess, seconds: float) -> None:
        await asyncio.sleep(seconds)
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
    if not isinstance(error, dict) or "name" not in error:
        return result
    named = {"step_id": job.step_id} if job.step_id is not None else {}
    return {"error": dict(sorted((error | named).items()))}


def same_worker(flow: Job) -> bool:
    return bool(json.loads(flow.flow or "{}").get("same_worker"))
