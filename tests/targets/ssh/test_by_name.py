"""A name that leads to a deployment: what is refused before its host is told, and who is asked."""

from typing import Any

import pytest

from tests.targets.support import deployment
from windmill.scripts.model.base.errors import InvalidInput, TargetRefused
from windmill.scripts.model.drawing.place import HostPlace
from windmill.scripts.provision.metrics_targets import targets_of
from windmill.scripts.provision.ssh.edge import Edge
from windmill.scripts.targets.ssh.by_name import led_to, require_own_name, told_to_caddy
from windmill.scripts.targets.ssh.placing import place_of
from windmill.scripts.targets.ssh.target import Ssh

NAME = "chat.example.com"
PORTS = {"api": 20100, "litellm": 20101, "model_server": 20102}
REFUSED = [
    ({"server_name": "chat.example.com {"}, "server_name"),
    ({"server_name": "chat.example.com\n"}, "server_name"),
    ({"server_name": "*.example.com"}, "server_name"),
    ({"server_name": "Chat.example.com"}, "server_name"),
    ({"server_name": "chat"}, "server_name"),
    ({"server_name": "10.0.0.5"}, "server_name"),
    ({"server_name": "-oProxyCommand.com"}, "server_name"),
    ({"server_name": "chat.home.arpa"}, "nobody certifies it"),
    ({"server_name": "chat.local"}, "nobody certifies it"),
    ({"server_name": NAME, "listen": "10.0.0.5"}, "listen"),
    ({"server_name": NAME, "certificate": "/etc/ssl own"}, "certificate"),
    ({"server_name": NAME, "certificate": "letsencrypt"}, "certificate"),
]


def place(**more: Any) -> HostPlace:
    known = {"host": "10.0.0.5", "user": "ann", "root": "/home/ann/x", "python": "/usr/bin/python3"}
    return HostPlace.model_validate({**known, **more})


@pytest.mark.parametrize(("told", "why"), REFUSED)
def test_it_is_refused_before_the_host_is_asked(told: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        place_of({"host": "10.0.0.5", **told}, deployment("rag-1"), ())
    assert why in str(refused.value.problems)


def test_two_deployments_cannot_have_one_name() -> None:
    named = place(server_name=NAME)
    other = deployment("other-1", place=named)
    with pytest.raises(TargetRefused, match=f"other-1 answers by the name {NAME}"):
        require_own_name(named, "rag-1", [other])
    require_own_name(named, "other-1", [other])
    require_own_name(place(), "rag-1", [other])


def test_who_calls_it_is_led_by_its_name_and_what_stands_behind_it_is_not() -> None:
    named = deployment("rag-1", ports=PORTS, place=place(server_name=NAME, certificate="acme"))
    urls = Ssh().urls(named, ["litellm", "model-server"])
    assert urls["api"] == f"https://{NAME}"
    assert urls["metrics"] == f"https://{NAME}/metrics"
    assert "litellm" not in urls
    (watched,) = targets_of(named.model_copy(update={"urls": urls, "target": "ssh"}))
    assert watched["labels"]["__scheme__"] == "https"
    probes = {probe.service: probe.url for probe in Ssh().probes(named, ["litellm"])}
    assert probes["api"] == "http://127.0.0.1:20100/health"
    assert probes["caddy"] == f"https://{NAME}/health"


def test_whose_certificate_only_its_host_knows_is_private_all_the_same() -> None:
    assert place(server_name=NAME, certificate="internal").is_private
    assert not place(server_name=NAME, certificate="/etc/letsencrypt/live/chat").is_private
    assert place(certificate="acme").is_private


def test_caddy_hears_when_there_is_no_name_any_more_and_nothing_before() -> None:
    assert told_to_caddy(led_to(place(), None, 20100)) is None
    named = led_to(place(server_name=NAME, certificate="acme"), None, 20100)
    assert named.behind == 20100
    assert told_to_caddy(named) == {"name": NAME, "certificate": "acme", "become": True}
    after = told_to_caddy(led_to(place(certificate="acme"), named, 20100))
    assert after == {"name": "", "certificate": "acme", "become": True}


LACKS = [
    ({"is_admin": False}, "ann becomes root only by a password"),
    ({"has_systemd": False}, "no systemd"),
    ({"held": [80, 443]}, "listens at its port 80 and 443"),
]


@pytest.mark.parametrize(("change", "told"), LACKS)
def test_what_the_host_lacks_for_it_is_told_in_words(change: dict[str, Any], told: str) -> None:
    fine = {"is_admin": True, "has_systemd": True, "held": []}
    assert Edge.model_validate(fine).lacks("ann") == []
    (reason,) = Edge.model_validate(fine | change).lacks("ann")
    assert told in reason
