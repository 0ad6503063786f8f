"""A process's own log, read from the files of this machine as the target `local` has them."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.gateway.stack import COMPONENTS, Stack
from windmill.scripts import show_process_log
from windmill.scripts.model.base.derived_secrets import api_key, derived_secret
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.provision.errors import NoSuchProcess
from windmill.scripts.provision.llms import handed_secrets
from windmill.scripts.targets.local.folders import host_folder

PLATFORM_KEY = "the-platform-s-own"
Write = Callable[[str], None]


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    url = f"sqlite:///{tmp_path}/registry.db"
    for name, value in {"DATABASE_URL": url, "MLOPS_EMBEDDED": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path / "deployments"))
    monkeypatch.setattr(handed_secrets, "platform_key", lambda: PLATFORM_KEY)
    known = [yaml.safe_load(file.read_text()) for file in COMPONENTS.glob("*.yaml")]
    components = {each["name"]: Component.model_validate(each) for each in known}
    monkeypatch.setattr(show_process_log, "components", lambda: components)
    return Stack("", url).register(str(uuid.uuid4()), "desk", State.live)


@pytest.fixture
def write(deployed: Deployment) -> Write:
    log = host_folder(deployed.id) / "logs" / "api.log"
    log.parent.mkdir(parents=True)

    def write(text: str) -> None:
        log.write_text(text)

    return write


def test_the_last_lines_are_shown_without_the_deployment_s_secrets(
    deployed: Deployment, write: Write
) -> None:
    secrets = [api_key(PLATFORM_KEY, deployed.id)]
    secrets += [
        derived_secret(PLATFORM_KEY, what, deployed.id) for what in ("litellm", "model-server")
    ]
    write("first\nkeys " + " ".join(secrets) + "\n\x1b[31mlast\n")
    told = show_process_log.main(deployed.id, "api", 2)
    assert told == {"lines": ["keys *** *** ***", "\N{REPLACEMENT CHARACTER}[31mlast"]}


def test_what_has_written_nothing_has_no_lines(deployed: Deployment) -> None:
    assert show_process_log.main(deployed.id) == {"lines": []}


def test_a_process_that_it_does_not_run_is_refused(deployed: Deployment) -> None:
    with pytest.raises(NoSuchProcess, match=r"desk runs no process '\.\./x'"):
        show_process_log.main(deployed.id, "../x")
