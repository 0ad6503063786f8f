"""What a rented machine is told to run, from the pipeline and the offer."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.targets.support import settled
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.offer import cheapest
from windmill.scripts.model.cost.price_files import read_prices
from windmill.scripts.provision.errors import NoPod
from windmill.scripts.targets.pods import Pod, models_to_pull, pod_of

FOLDER = Path(__file__).parents[2] / "catalog"


def words(pod: Pod) -> dict[str, str]:
    given = shlex.split(pod.args)
    return dict(zip(given[::2], given[1::2], strict=True))


def test_vllm_is_told_the_model_and_asks_callers_for_a_key(catalog: Catalog) -> None:
    pod = pod_of(settled(catalog, "vllm-serving", model="org/some-model", max_model_len=4096))
    assert words(pod)["--model"] == "org/some-model"
    assert words(pod)["--max-model-len"] == "4096"
    assert words(pod)["--port"] == str(pod.port)
    assert (pod.key_variable, pod.health_path) == ("VLLM_API_KEY", "/health")


def test_ollama_has_no_key_and_must_be_told_to_fetch_its_model(catalog: Catalog) -> None:
    pipeline = settled(catalog, "ollama-serving", model="llama3.2:3b")
    pod = pod_of(pipeline)
    assert (pod.args, pod.key_variable) == ("serve", "")
    assert pod.env["OLLAMA_HOST"] == f"0.0.0.0:{pod.port}"
    assert models_to_pull(pipeline) == ["llama3.2:3b"]


def test_what_a_fine_tuning_is_given_never_becomes_part_of_its_command(catalog: Catalog) -> None:
    given: dict[str, Any] = {"dataset": "org/some-data", "base_model": "org/base", "epochs": 2}
    pod = pod_of(settled(catalog, "lora-finetuning", **given))
    assert (pod.env["DATASET"], pod.env["BASE_MODEL"]) == ("org/some-data", "org/base")
    assert float(pod.env["EPOCHS"]) == 2
    assert "org/" not in pod.args
    shell, _, script = shlex.split(pod.args)
    assert (shell, pod.key_variable) == ("bash", "API_KEY")
    assert script.index("train") < script.index("llamafactory-cli api")


@pytest.mark.parametrize("name", ["vllm-serving", "ollama-serving", "lora-finetuning"])
def test_a_template_s_own_limit_allows_some_machine_of_the_price_file(
    name: str, catalog: Catalog
) -> None:
    compute = catalog.entries[f"pipelines/{name}"].pipeline.compute
    offer = cheapest(read_prices(FOLDER)[0].offers(compute), Target.runpod)
    assert offer is not None
    assert compute.max_hourly_usd is not None
    assert offer.hourly_usd <= compute.max_hourly_usd


def test_a_pipeline_without_a_server_on_a_gpu_is_refused_in_words(catalog: Catalog) -> None:
    pipeline = settled(catalog, "llm-gateway")
    with pytest.raises(NoPod, match="vllm-server"):
        pod_of(pipeline)


def test_two_servers_do_not_fit_one_machine(catalog: Catalog) -> None:
    pipeline = settled(catalog, "vllm-serving")
    twice = pipeline.model_copy(update={"nodes": (*pipeline.nodes, *pipeline.nodes)})
    with pytest.raises(NoPod, match="2"):
        pod_of(twice)
