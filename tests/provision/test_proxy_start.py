"""How the LiteLLM proxy is started: nothing is collected while its modules are imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = Path(__file__).parents[2] / "ansible/roles/litellm/files/start_proxy.py"
SERVER = """
import gc
from starlette.applications import Starlette
app = Starlette()
print('server', gc.isenabled())
"""
# As the real one: the server is imported once the command runs.
COMMAND = """
import gc
print('command', gc.isenabled())


def run_server():
    import litellm.proxy.proxy_server
    print('runs', gc.isenabled())
"""


@pytest.mark.slow
def test_the_server_is_imported_before_garbage_is_collected_again(tmp_path: Path) -> None:
    package = tmp_path / "litellm" / "proxy"
    package.mkdir(parents=True)
    (package / "proxy_server.py").write_text(SERVER)
    (package / "proxy_cli.py").write_text(COMMAND)
    said = subprocess.run(
        [sys.executable, START],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines() == ["command False", "server False", "runs True"]
