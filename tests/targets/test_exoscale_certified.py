"""The fake of Exoscale answers the vendor's own client: what that sends and reads fits there."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.exoscale.fake import KEY_NAME, KEY_SECRET, FakeExoscale
from tests.fakes.over_http import over_http
from tests.tools.needs import need

pytestmark = pytest.mark.slow
USE = """
import json, sys
from exoscale.api.v2 import Client

client = Client(KEY, SECRET, url=sys.argv[1] + "/at-vie-2/v2")
zones = client.list_zones()["zones"]
(kind,) = [t for t in client.list_instance_types()["instance-types"] if t["authorized"]]
template = client.list_templates(visibility="public")["templates"][0]
group = client.wait(client.create_security_group(name="mlops-8000")["id"])["reference"]["id"]
client.wait(client.add_rule_to_security_group(
    id=group, flow_direction="ingress", protocol="tcp", network="0.0.0.0/0",
    start_port=8000, end_port=8000)["id"])
rules = client.get_security_group(id=group)["rules"]
made = client.wait(client.create_instance(
    name="mlops-a-1", disk_size=100, instance_type={"id": kind["id"]}, labels={"a": "b"},
    template={"id": template["id"]}, security_groups=[{"id": group}], user_data="aGVsbG8=",
    public_ip_assignment="inet4", auto_start=True)["id"])["reference"]["id"]
listed = client.list_instances()["instances"]
shown = client.get_instance(id=made)
client.wait(client.delete_instance(id=made)["id"])
print(json.dumps([zones, rules, listed, shown, client.list_instances()["instances"]]))
"""
SIGN = """
import json, sys
from exoscale_auth import ExoscaleV2Auth
from requests import Request

told = []
for case in json.load(sys.stdin):
    request = Request(case["method"], case["url"], data=case["body"].encode() or None).prepare()
    signer = ExoscaleV2Auth(case["key"], case["secret"])
    signer._sign_request(request, case["expires"])
    told.append(request.headers["Authorization"])
print(json.dumps(told))
"""


def run(program: str, *words: str, home: Path, sent: str = "") -> subprocess.CompletedProcess[str]:
    """`home` has no key of this machine's user."""
    return subprocess.run(
        [str(need("exoscale")), "-c", program, *words],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        input=sent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def used(fake: FakeExoscale, secret: str, home: Path) -> subprocess.CompletedProcess[str]:
    with over_http(fake) as address:
        program = USE.replace("KEY, SECRET", f"{KEY_NAME!r}, {secret!r}")
        return run(program, address, home=home)


def test_the_vendors_client_opens_a_group_makes_lists_and_ends_an_instance(tmp_path: Path) -> None:
    fake = FakeExoscale(slow=0)
    done = used(fake, KEY_SECRET, tmp_path)
    assert done.returncode == 0, done.stderr
    zones, rules, listed, shown, left = json.loads(done.stdout)
    assert {"name": "at-vie-2"} in zones
    assert rules[0]["network"] == "0.0.0.0/0"
    assert listed == [shown]
    assert (shown["name"], shown["labels"], shown["user-data"]) == (
        "mlops-a-1", {"a": "b"}, "aGVsbG8=",
    )  # fmt: skip
    assert (left, fake.held) == ([], {})


def test_the_vendors_client_is_refused_with_a_wrong_secret(tmp_path: Path) -> None:
    done = used(FakeExoscale(), KEY_SECRET[:-1] + "x", tmp_path)
    assert done.returncode == 1
    assert "ExoscaleAPIAuthException" in done.stderr


def test_the_vendors_signer_says_what_our_table_of_signatures_says(tmp_path: Path) -> None:
    file = Path(__file__).parent / "exoscale_signatures.yaml"
    cases: list[dict[str, Any]] = yaml.safe_load(file.read_text())
    done = run(SIGN, home=tmp_path, sent=json.dumps(cases))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [case["authorization"] for case in cases]
