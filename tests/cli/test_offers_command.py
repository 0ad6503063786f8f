"""`mlops offers` as a person types it."""

import json
from pathlib import Path

import pytest

from cli.main import run
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.offer import Offer

CATALOG = str(Path(__file__).parents[2] / "catalog")


def test_the_best_value_comes_first_with_its_reason_and_the_age_of_its_price(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["offers", "--gpu", "H100", "--memory", "80", "--max-hourly", "3", "--dir", CATALOG]
    assert run(asked) == 0
    told = capsys.readouterr().out
    rows = [line for line in told.splitlines() if line.startswith(("runpod", "vastai"))]
    assert "1 × H100 SXM 80 GB" in rows[0]
    assert "2.40" in rows[0]
    assert "less than AWS p5.48xlarge" in rows[0]
    assert "days old" in told
    assert "do not fit: --all tells why" in told
    assert not any("3.99" in row for row in rows)
    assert run([*asked, "--all"]) == 0
    assert "it costs 3.99 an hour, at most 3.00" in capsys.readouterr().out


def test_several_gpus_cost_several_times_as_much(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["offers", "--gpu", "A100", "--count", "2", "--json", "--dir", CATALOG]
    assert run(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["offer"]["gpus"] for each in told["candidates"]} == {2}
    best = told["candidates"][0]
    assert best["offer"]["hourly_usd"] == pytest.approx(2 * 1.19)
    assert best["offer"]["target"] == "runpod"
    assert all(each["reason"] for each in told["refused"])


def test_at_most_so_many_are_shown_and_it_is_said_how_many_there_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are held: few are put in order plainly, many in a book."""
    answers = []
    for few in (2000, 0):
        monkeypatch.setattr("cli.actions.listing.offers.FEW", few)
        assert run(["offers", "--gpu", "H100", "--limit", "2", "--json", "--dir", CATALOG]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    plain, held = answers
    assert plain == held
    assert len(plain["candidates"]) == len(plain["refused"]) == 2
    assert plain["fitting"] > 2 < plain["others"]
    assert run(["offers", "--gpu", "H100", "--limit", "2", "--dir", CATALOG]) == 0
    assert "3 more that fit: --limit shows them" in capsys.readouterr().out


GPUHUNT = """\
instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,flags,cpu_arch,provider_data
a3-highgpu-8g,us-central1,88.25,208,1872.0,8,H100,80.0,False,,nvidia,,x86,{}
a3-highgpu-8g,asia-east1,40.0,208,1872.0,8,H100,80.0,False,,nvidia,,x86,{}
a3-highgpu-8g,us-central1,20.0,208,1872.0,8,H100,80.0,True,,nvidia,,x86,{}
n2-standard-4,us-central1,0.19,4,16.0,0,,,False,,,,x86,{}
"""


def test_list_prices_of_gpuhunt_s_are_compared_with_and_never_offered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "gcp.csv").write_text(GPUHUNT)
    asked = ["offers", "--gpu", "H100 SXM", "--gpuhunt", str(tmp_path), "--dir", CATALOG, "--all"]
    assert run([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    names = [(each["provider"], each["region"], each["gpu"]) for each in told["listed"]]
    assert names[0] == ("Google Cloud", "asia-east1", "H100 SXM")
    assert ("AWS", "us-east-1", "H100 SXM") in names
    assert not any(each["spot"] for each in told["listed"])
    assert {each["reason"] for each in told["listed"]} == {
        "list price; nothing is deployed there yet"
    }
    best = told["candidates"][0]
    assert (best["baseline"], best["offer"]["hourly_usd"]) == ("Google Cloud a3-highgpu-8g", 2.4024)
    assert best["saves"] == pytest.approx(1 - 2.4024 / 5, abs=1e-4)
    assert run([*asked, "--baseline", "aws"]) == 0
    shown = capsys.readouterr().out
    assert "65% less than AWS p5.48xlarge" in shown
    assert "nothing is deployed there yet" in shown


def test_a_row_that_is_none_of_gpuhunt_s_is_told_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "aws.csv"
    file.write_text(GPUHUNT.replace("40.0,208", "cheap,208"))
    assert run(["offers", "--gpuhunt", str(tmp_path), "--dir", CATALOG]) == 1
    told = capsys.readouterr().err
    assert f"{file}:3" in told
    assert "price" in told


def test_nothing_that_fits_is_an_exit_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["offers", "--region", "eu", "--all", "--dir", CATALOG]) == 2
    told = capsys.readouterr().out
    assert "Nothing that is listed fits." in told
    assert "it may be anywhere, eu is needed" in told


class Answering:
    """The platform, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def offers_now(self, wanted: dict[str, object]) -> dict[str, object]:
        self.asked = wanted
        offer = Offer(target=Target.vastai, name="m:1", hourly_usd=0.21, spot=True)
        bid = {"offer": offer.model_dump(mode="json"), "reason": "a bid"}
        counts = {"fitting": 1, "others": 3}
        told = {"runpod": "The key of runpod is not stored."}
        return {"candidates": [bid], "refused": [], "not_asked": told, **counts}


def test_what_is_offered_now_is_asked_of_the_platform(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Answering()
    monkeypatch.setattr("cli.clients.gateway.find_gateway", lambda _: platform)
    assert run(["offers", "--live", "--gpu", "L4", "--region", "eu", "--spot"]) == 0
    assert platform.asked == {
        "gpu": "L4",
        "gpu_memory_gb": 0,
        "gpus": 1,
        "regions": ("eu",),
        "spot": True,
    }
    told = capsys.readouterr().out
    assert "0.21" in told
    assert "runpod: list prices, for it was not asked." in told
    assert "3 do not fit" in told
    assert run(["offers", "--live", "--baseline", "aws"]) == 1
    assert "not with --live" in capsys.readouterr().err
