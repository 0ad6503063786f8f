from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serving.llm_double import LlmDouble
from tests.serving.support import PAGES, chatbot, live_api, write_pdf


@pytest.fixture(scope="session", autouse=True)
def examples_are_data() -> Iterator[None]:
    """As `mlops up` has it, wherever the checkout is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_CHECKOUT", str(Path(__file__).parents[2]))
        yield


@pytest.fixture(scope="session")
def llm_server() -> Iterator[LlmDouble]:
    double = LlmDouble()
    yield double
    double.close()


@pytest.fixture
def llm(llm_server: LlmDouble) -> LlmDouble:
    llm_server.reset()
    return llm_server


@pytest.fixture(scope="session")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one PDF of four pages."""
    folder = tmp_path_factory.mktemp("documents")
    write_pdf(folder / "handbook.pdf", PAGES)
    return folder


@pytest.fixture(scope="session")
def _shared_api(
    llm_server: LlmDouble, handbook: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("data")
    with live_api(chatbot(handbook), data, llm_server.url) as client:
        yield client


@pytest.fixture
def api(llm: LlmDouble, _shared_api: httpx.Client) -> httpx.Client:
    """The chatbot over the handbook; tests that change what it knows start their own."""
    return _shared_api
