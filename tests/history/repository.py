"""A repository of a person's own, made and read by the real `git`."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from history.git import GitHistory

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}
CLOCKS = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")
ECHO = """kind: playbook
name: echo
summary: Says it again
inputs:
  text: {type: string, required: true}
run: {script: f/test/echo}
outputs:
  said: '${result.said}'
"""
TALK = """kind: pipeline
name: talk
inputs:
  text: {type: string, required: true}
steps:
  - {id: one, use: playbooks/echo, with: {text: '${inputs.text}'}}
outputs:
  said: '${steps.one.said}'
"""
PINNED = """kind: meta-pipeline
name: desk
inputs:
  text: {type: string, required: true}
steps:
  - {id: before, use: pipelines/talk@REF, with: {text: '${inputs.text}'}}
  - {id: after, use: pipelines/talk, with: {text: '${inputs.text}'}}
outputs:
  before: '${steps.before.said}'
  after: '${steps.after.said}'
"""


@dataclass(frozen=True)
class Repository:
    path: Path

    def git(self, *arguments: str, input: str | None = None, at: int | None = None) -> str:
        clock = {} if at is None else dict.fromkeys(CLOCKS, f"{at} +0000")
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={
                **IDENTITY,
                **clock,
                "PATH": "/usr/bin:/bin:/usr/local/bin",
                "HOME": str(self.path),
            },
            input=input,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    @property
    def catalog(self) -> Path:
        return self.path / "catalog"

    def write(self, key: str, text: str) -> Path:
        file = self.catalog / f"{key}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def commit(self, message: str = "Work", at: int | None = None) -> str:
        """`at`: what the clock says, in seconds since 1970; now, when left out."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD")

    def history(self) -> GitHistory:
        return GitHistory(self.catalog)


def make_repository(path: Path) -> Repository:
    """One commit, tagged v1: `talk` says what `echo` says."""
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "-q", "-b", "main")
    repository.write("playbooks/echo", ECHO)
    repository.write("pipelines/talk", TALK)
    repository.commit("Begin")
    repository.git("tag", "v1")
    return repository
