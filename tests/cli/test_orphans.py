"""`mlops orphans`: shows, asks, ends."""

from tests.cli.conftest import Mlops


def test_what_costs_money_is_shown_and_nothing_is_ended(platform: Mlops) -> None:
    done = platform("orphans")
    assert done.code == 2
    assert "pod1" in done.out
    assert "1 machine, 0.39 USD per hour together" in done.out
    assert "mlops orphans --end" in done.out


def test_ending_asks_and_in_a_pipe_cannot(platform: Mlops) -> None:
    done = platform("orphans", "--end")
    assert done.code == 1
    assert "Gone" not in done.out


def test_what_was_ended_is_told(platform: Mlops) -> None:
    done = platform("orphans", "--end", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "Gone: pod1")
    assert platform("orphans", "--end", "--yes", "--json").json["ended"] == ["pod1"]
