"""The fake of Exoscale answers the vendor's own client: what that sends and reads fits there."""

import json
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml
from pydantic import SecretStr

from tests.fakes.exoscale.fake import KEY, KEY_NAME, KEY_SECRET, FakeExoscale, instance_type
from tests.fakes.over_http import over_http
from tests.targets.rental.desk import SERVER
from tests.tools.needs import need
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.targets.exoscale.client import ExoscaleClient
from windmill.scripts.targets.exoscale.rentals import ExoscaleRentals

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


def test_what_our_client_sends_and_is_answered_is_as_the_vendor_s_document_says(
    tmp_path: Path,
) -> None:
    program = "import exoscale, pathlib; print(pathlib.Path(exoscale.__file__).parent)"
    folder = Path(run(program, home=tmp_path).stdout.strip())
    document = json.loads((folder / "openapi.json").read_text())
    seen = Recorded(FakeExoscale(types=[instance_type("gpua5000.small")]))
    client = ExoscaleClient(SecretStr(KEY), sleep=sleepless, now=time.time, transport=seen)
    provider = ExoscaleRentals(client)
    offer = Offer(
        target=Target.exoscale, name="one", hourly_usd=1, machine="gpua5000.small", pool="at-vie-2"
    )
    made = provider.create(SERVER, offer, "mlops.3f9a2c41d0be.llm.1")
    assert provider.machine(made.id)
    assert [each.id for each in provider.machines()] == [made.id]
    provider.end(made.id)
    assert len(seen.exchanged) > 10
    for request, answer in seen.exchanged:
        declared = operation(document, request)
        if request.content:
            body = declared["requestBody"]["content"]["application/json"]["schema"]
            fits(document, body, json.loads(request.content))
        told = declared["responses"]["200"]["content"]["application/json"]["schema"]
        fits(document, told, answer.json())


@dataclass
class Recorded(httpx.BaseTransport):
    fake: FakeExoscale
    exchanged: list[tuple[httpx.Request, httpx.Response]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.fake.handle_request(request)
        assert answer.is_success
        self.exchanged.append((request, answer))
        return answer


def sleepless(seconds: float) -> None:
    """The fake need not be waited for."""


def operation(document: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    path = re.sub(r"[0-9a-f-]{36}", "{id}", request.url.path.removeprefix("/v2"))
    found: dict[str, Any] = document["paths"][path][request.method.lower()]
    return found


def fits(document: dict[str, Any], schema: dict[str, Any], told: Any) -> None:
    """OpenAPI 3.0 says bounds as draft 4 does."""
    whole = {**schema, "components": document["components"]}
    validator = jsonschema_rs.Draft4Validator(whole)
    assert [error.message for error in validator.iter_errors(told)] == []


def test_the_vendors_signer_says_what_our_table_of_signatures_says(tmp_path: Path) -> None:
    file = Path(__file__).parent / "exoscale_signatures.yaml"
    cases: list[dict[str, Any]] = yaml.safe_load(file.read_text())
    done = run(SIGN, home=tmp_path, sent=json.dumps(cases))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [case["authorization"] for case in cases]
