"""A pipeline deployed by n8n's form: who knows its password, and what the gateway says of it."""

import uuid

import httpx
import pytest

from tests.e2e.harness import Platform
from tests.n8n.answering import shown
from tests.n8n.conftest import FORM_PASSWORD
from tests.n8n.server import N8nServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
FIELDS = ("pipeline", "name", "target", "budget", "inputs")
OURS = ("mlops", FORM_PASSWORD)


def sent(
    n8n: N8nServer, given: dict[str, str], login: tuple[str, str] | None = OURS
) -> httpx.Response:
    form = {f"field-{place}": (None, given.get(name, "")) for place, name in enumerate(FIELDS)}
    return httpx.post(f"{n8n.url}/form/mlops-deploy-form", files=form, auth=login)


def told(n8n: N8nServer, **given: str) -> str:
    answer = sent(n8n, given)
    assert answer.is_success, answer.text
    return shown(answer.json()["formWaitingUrl"], auth=OURS)


@pytest.mark.parametrize("login", [None, ("mlops", "another-password")])
def test_whoever_does_not_know_the_password_deploys_nothing(
    connected: Platform, n8n: N8nServer, login: tuple[str, str] | None
) -> None:
    assert httpx.get(f"{n8n.url}/form/mlops-deploy-form", auth=login).status_code in (401, 403)
    assert sent(n8n, {"pipeline": "rag-chatbot"}, login).status_code in (401, 403)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"pipeline": "nobody-s"}, "There is no pipeline 'nobody-s' in the catalog"),
        ({"pipeline": "../access/keys?x=${inputs.y}"}, "pipeline"),
        ({"pipeline": "rag-chatbot", "inputs": "no JSON"}, "inputs"),
        ({"pipeline": "rag-chatbot", "name": "Not a name!"}, "name"),
    ],
    ids=["unknown", "hostile", "inputs", "name"],
)
def test_what_the_gateway_refuses_is_shown_in_its_words(
    connected: Platform, n8n: N8nServer, given: dict[str, str], says: str
) -> None:
    page = told(n8n, **given)
    assert "Nothing was started" in page
    assert says in page.partition("Nothing was started")[2]


def test_what_is_asked_for_is_deployed_and_its_run_is_shown(
    connected: Platform, n8n: N8nServer
) -> None:
    name = f"by-form-{uuid.uuid4().hex[:4]}"
    inputs = '{"documents": "/no/such/folder"}'
    page = told(n8n, pipeline="rag-chatbot", name=name, target="local", budget="0", inputs=inputs)
    assert f"It is being deployed {name}: mlops status " in page
    id = page.rpartition("mlops status ")[2].split()[0]
    with connected.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{id}").json()
    assert job["script_path"] == "f/mlops/catalog/pipelines/rag-chatbot"
    assert (job["args"]["documents"], job["args"]["target"]) == ("/no/such/folder", "local")
    assert job["args"]["max_hourly_usd"] == 0


def test_a_form_that_is_no_longer_set_up_is_pruned_and_comes_back_when_it_is(
    connected: Platform, n8n: N8nServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {"workflow/deploy_form", "credential/mlops-form"}
    with monkeypatch.context() as without:
        without.delitem(connected.environment, "DEPLOY_FORM_PASSWORD")
        shown = connected.json("sync", "prune", fine=(2,))
        assert {f"{each['kind']}/{each['path']}" for each in shown["actions"]} == ours
        connected.run("sync", "prune", "--yes")
        assert connected.json("sync", "prune")["actions"] == []
    assert httpx.get(f"{n8n.url}/form/mlops-deploy-form", auth=OURS).status_code == 404
    connected.run("sync", "push")
    assert httpx.get(f"{n8n.url}/form/mlops-deploy-form", auth=OURS).is_success
