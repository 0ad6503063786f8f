"""deploy/postgres/databases.sql on a real Postgres: who may connect where, with which rights."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.tools.needs import need
from tests.tools.postgres import Postgres, running_postgres

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "postgres" / "databases.sql"
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
ROLES = ("windmill", "n8n", "registry", "gateway")
PASSWORDS = {f"{role.upper()}_DB_PASSWORD": role + "x" * 24 for role in ROLES}
pytestmark = pytest.mark.slow


def run(server: Postgres, passwords: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """As the image's entry point does."""
    given = ["-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-h", str(server.folder), "-U", "postgres"]
    return subprocess.run(
        [need("psql"), *given, "--dbname", "postgres", "-f", FILE],
        env={"PATH": os.environ["PATH"], **passwords},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres(need("postgres")) as server:
        for bad, said in REFUSED:
            told = run(server, bad)
            assert told.returncode != 0
            assert said in told.stderr
        assert run(server, PASSWORDS).returncode == 0  # nothing was left half done
        yield server


REFUSED = [
    (PASSWORDS | {"N8N_DB_PASSWORD": "changeme"}, "24 letters and digits"),
    (PASSWORDS | {"N8N_DB_PASSWORD": "o'" * 20}, "24 letters and digits"),
    (PASSWORDS | {"N8N_DB_PASSWORD": PASSWORDS["GATEWAY_DB_PASSWORD"]}, "of its own"),
]


def connect(server: Postgres, role: str, database: str) -> psycopg.Connection:
    address = f"host={server.folder} user={role} dbname={database}"
    return psycopg.connect(address, autocommit=True)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_its_own_database_and_no_other(server: Postgres, role: str) -> None:
    with connect(server, role, role) as connection:
        connection.execute("create table kept (id int)")
        connection.execute("create extension if not exists pgcrypto")  # as Windmill's migrations
    for other in {*ROLES, "postgres", "template1"} - {role}:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connect(server, role, other)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_more_than_its_programs_need(server: Postgres, role: str) -> None:
    rights = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    with server.connect() as admin:
        row = admin.execute(
            f"select {rights}, rolpassword from pg_authid where rolname = %s", [role]
        ).fetchone()
    assert row is not None
    assert not any(row[:5])
    assert row[5].startswith("SCRAM-SHA-256$")


def test_windmill_may_become_what_its_queries_run_as(server: Postgres) -> None:
    with connect(server, "windmill", "windmill") as connection:
        connection.execute("create table secrets (id int)")
        connection.execute("alter table secrets enable row level security")
        connection.execute("insert into secrets values (1)")
        for role, rows in (("windmill_user", 0), ("windmill_admin", 1)):
            with connection.transaction():
                connection.execute(f"set local role {role}")
                assert len(connection.execute("select * from secrets").fetchall()) == rows


def test_no_program_of_the_stack_is_told_of_the_superuser() -> None:
    for name, service in SERVICES.items():
        told = str(service.get("environment", {}))
        assert ("POSTGRES_PASSWORD:" in told or "{POSTGRES_PASSWORD" in told) == (
            name == "postgres"
        )


def test_jobs_know_the_registry_and_no_other_database() -> None:
    worker = SERVICES["windmill-worker"]["environment"]
    handed = {name: worker[name] for name in worker["WHITELIST_ENVS"].split(",")}
    urls = [value for value in handed.values() if "@postgres/" in value]
    assert [url.partition("://")[2].split(":")[0] for url in urls] == ["registry"]
