"""A worker has the pushed modules and its lock's packages, and brings the registry along."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from sync.api import Windmill, desired, plan, push
from tests.engine.conftest import EngineProcess
from windmill.scripts.store.migrations.chain import MIGRATIONS

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # whose driver it needs too
def test_a_worker_migrates_a_registry_from_before_migrations(
    old: Engine, database_url: str, tmp_path: Path
) -> None:
    environment = tmp_path / "job.env"
    environment.write_text(f"DATABASE_URL={database_url}\nMLOPS_LOCAL_ROOT={tmp_path / 'local'}\n")
    process = EngineProcess(
        tmp_path / "engine", tmp_path / "cache", ["--env-file", str(environment)]
    )
    started = process.start()
    assert started
    try:
        with Windmill(started.url, started.workspace, started.token) as client:
            push(plan(desired(ROOT), client), client)
        job = started.ended(started.start_script("f/mlops/migrate_registry"))
    finally:
        process.stop()
    assert job["result"] == {"revision": MIGRATIONS[-1].revision, "sealed": 0}
    assert inspect(old).has_table("alembic_version")
