"""Addresses that people give to an HTTP step: nothing inside the house is called through us."""

import pytest

from windmill.scripts.provision.errors import AddressRefused
from windmill.scripts.provision.outgoing import Allowed, pinned_address

OUR_ENDPOINT = ("ours.internal", 8000)


def called(url: str, addresses: list[str], allowed: str = "") -> str:
    rules = Allowed.of(allowed, {OUR_ENDPOINT})
    return pinned_address(url, rules, lambda host, port: addresses)


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        (["1.1.1.1"], ""),
        (["2606:4700::1111"], ""),
        (["10.1.2.3"], "10.0.0.0/8"),
        (["192.168.7.4"], "10.0.0.0/8, 192.168.7.4"),
        (["127.0.0.1"], "0.0.0.0/0"),
    ],
    ids=str,
)
def test_the_judged_address_is_the_one_that_is_called(addresses: list[str], allowed: str) -> None:
    assert called("https://example.com/x", addresses, allowed) == addresses[0]


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        (["127.0.0.1"], ""),
        (["10.1.2.3"], "192.168.0.0/16"),
        (["1.1.1.1", "10.1.2.3"], ""),
        (["::ffff:10.0.0.1"], ""),
        (["64:ff9b::a00:1"], ""),
        (["169.254.169.254"], "0.0.0.0/0"),
        (["::ffff:169.254.169.254"], "0.0.0.0/0"),
        (["fe80::1"], "::/0"),
        (["fd00:ec2::254"], "::/0"),
        ([], ""),
    ],
    ids=str,
)
def test_whatever_leads_into_the_house_is_refused(addresses: list[str], allowed: str) -> None:
    with pytest.raises(AddressRefused):
        called("https://example.com/x", addresses, allowed)


def test_what_this_platform_deployed_may_be_called_at_its_own_port_only() -> None:
    assert called("http://ours.internal:8000/chat", ["10.0.0.9"]) == "10.0.0.9"
    with pytest.raises(AddressRefused):
        called("http://ours.internal:8001/chat", ["10.0.0.9"])


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/", "http://u:p@a.example/"])
def test_only_plain_http_is_spoken(url: str) -> None:
    with pytest.raises(AddressRefused, match="no plain http"):
        called(url, ["1.1.1.1"])


def test_a_secret_in_an_address_is_not_told() -> None:
    with pytest.raises(AddressRefused) as refused:
        called("https://example.com/hook?key=secret", ["127.0.0.1"])
    assert "secret" not in str(refused.value)
