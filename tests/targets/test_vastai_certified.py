"""The fake of Vast.ai answers the vendor's own client: what that sends and reads fits there."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.over_http import over_http
from tests.fakes.vastai.fake import KEY, FakeVastai
from tests.tools.needs import need

USE = """
import json, sys
from vastai import VastAI

vendor = VastAI(api_key=sys.argv[2], server_url=sys.argv[1])
query = "gpu_name=RTX_4090 num_gpus=1 reliability>0.9 disk_space>=40"
offers = vendor.search_offers(query=query, order="dph_total", limit=5, storage=40)
rented = vendor.create_instance(
    offers[0]["id"], image="vllm/vllm-openai:v0.9.1", disk=40, label="mlops-a1",
    env={"A": "b", "-p 8000:8000": "1"}, runtype="args", args=["--model", "m"],
)
listed = vendor.show_instances()
shown = vendor.show_instance(rented["new_contract"])
ended = vendor.destroy_instance(rented["new_contract"])
left = vendor.show_instances()
print(json.dumps([offers, rented, listed, shown, ended, left]))
"""


def used(fake: FakeVastai, key: str, home: Path) -> subprocess.CompletedProcess[str]:
    """`home` has no key of this machine's user."""
    with over_http(fake) as address:
        return subprocess.run(
            [str(need("vastai")), "-c", USE, address, key],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.mark.slow
def test_the_vendors_client_searches_rents_lists_and_destroys_at_the_fake(tmp_path: Path) -> None:
    fake = FakeVastai(page=1)
    done = used(fake, KEY, tmp_path)
    assert done.returncode == 0, done.stderr
    offers, rented, listed, shown, ended, left = json.loads(done.stdout)
    assert [offer["id"] for offer in offers] == [8, 7]
    assert rented["success"]
    assert [_seen(each) for each in listed] == [_seen(shown)]
    assert shown["label"] == "mlops-a1"
    assert shown["extra_env"] == {"A": "b", "-p 8000:8000": "1"}
    assert (ended, left, fake.held) == ({"success": True}, [], {})


@pytest.mark.slow
def test_the_vendors_client_waits_as_it_is_told_and_fails_with_a_wrong_key(tmp_path: Path) -> None:
    fake = FakeVastai(faults={1: "limited"}, retry_after="0")
    done = used(fake, "wrong", tmp_path)
    assert done.returncode == 1
    assert "401" in done.stderr
    assert [method for method, _ in fake.requests] == ["POST", "POST", "PUT"]


def _seen(instance: dict[str, Any]) -> dict[str, Any]:
    """Without what the client counts since the start."""
    return {name: value for name, value in instance.items() if name != "duration"}
