"""What a host lacks is told before anything is put there."""

import platform
from typing import Any

import pytest

from windmill.scripts.provision.ssh.checkup import Found, unfitness

FINE: dict[str, Any] = {
    "family": ["ubuntu", "debian"],
    "system": "Ubuntu 24.04.1 LTS",
    "processor": platform.machine(),
    "python": "/usr/bin/python3.12",
    "python_version": [3, 12, 3],
    "home": "/home/ann",
    "disk_gb": 40.0,
    "memory_gb": 3.8,
    "writable": True,
    "has_address": True,
    "lacks": [],
    "ports": [20100, 20101, 20102],
    "at_boot": "systemd",
}
UNFIT = [
    ({"family": ["fedora"], "system": "Fedora 41"}, "Fedora 41; Debian or a relative"),
    ({"family": [""], "system": "Linux"}, "Linux; Debian"),
    ({"python_version": [3, 10, 12]}, "its Python is 3.10.12; 3.11 or newer"),
    ({"processor": "riscv64"}, "its processor is riscv64"),
    ({"disk_gb": 1.25}, "1.2 GB of its disk are free; 4 GB"),
    ({"memory_gb": 0.48}, "0.5 GB of memory; 1 GB"),
    ({"writable": False}, "/home/ann cannot be written to"),
    ({"has_address": False}, "10.0.0.9 is none of its addresses"),
    ({"ports": [20100]}, "1 of 3 ports are free"),
    ({"lacks": ["libgomp.so.1"]}, "apt-get install libgomp1"),
]


def test_a_fit_host_is_taken() -> None:
    assert unfitness(Found.model_validate(FINE), 3, "10.0.0.9") == []


@pytest.mark.parametrize(("change", "told"), UNFIT, ids=lambda value: str(value)[:40])
def test_an_unfit_host_is_refused_in_words(change: dict[str, Any], told: str) -> None:
    (reason,) = unfitness(Found.model_validate(FINE | change), 3, "10.0.0.9")
    assert told in reason
