"""What an entry was, when, by whom, and what makes two versions differ."""

import pytest

from history.names import EDITS
from history.save import Draft, save_entry
from history.versions import differences, log
from tests.history.repository import ECHO, TALK, Repository
from windmill.scripts.model.catalog.history import NotInCommit
from windmill.scripts.model.catalog.version import Versions
from windmill.scripts.model.check.check_catalog import load_catalog

LOUD = ECHO.replace("f/test/echo", "f/test/shout")


# Seconds on the clocks of those who shout beside main, go on meanwhile and merge; main begins at 0.
CLOCKS = {
    "right": (20, 30, 40),
    "all in one second": (0, 0, 0),
    "the merge is the oldest": (20, 30, -10),
    "who shouts is behind": (-50, 30, 40),
    "all go backwards": (-20, -30, -40),
    "far apart": (-4_000, 9_000, -9_000),
}


@pytest.mark.parametrize("clocks", CLOCKS.values(), ids=CLOCKS)
def test_every_commit_that_changed_an_entry_or_what_it_uses_is_a_version(
    repository: Repository, clocks: tuple[int, int, int]
) -> None:
    start = int(repository.git("log", "-1", "--format=%ct"))
    shouting, meanwhile, merging = (start + seconds for seconds in clocks)
    repository.write("playbooks/echo", f"# only a remark\n{ECHO}")
    repository.write("playbooks/other", ECHO.replace("name: echo", "name: other"))
    repository.commit("Beside the point", at=start)
    repository.git("checkout", "-q", "-b", "side")
    repository.write("playbooks/echo", LOUD)
    loud = repository.commit("Shout", at=shouting)
    repository.git("checkout", "-q", "main")
    repository.commit("Meanwhile", at=meanwhile)
    repository.git("merge", "-q", "--no-ff", "-m", "Merge", "side", at=merging)
    with repository.history() as history:
        found = log(history, "pipelines/talk")
        catalog = load_catalog(repository.catalog)
        assert [each.subject for each in found] == ["Shout", "Begin"]
        assert [each.commit for each in found] == [loud, repository.git("rev-parse", "v1")]
        assert found[0].version == Versions(catalog)["pipelines/talk"]
        assert found[0].author == "Ann <ann@example.org>"
        assert len(log(history, "pipelines/talk", limit=1)) == 1


def test_an_entry_that_was_taken_away_and_one_that_never_was(repository: Repository) -> None:
    repository.git("rm", "-q", "catalog/pipelines/talk.yaml")
    repository.commit("Take it away")
    with repository.history() as history:
        assert [each.version != "" for each in log(history, "pipelines/talk")] == [False, True]
        with pytest.raises(NotInCommit, match="pipelines/tolk"):
            log(history, "pipelines/tolk")


def test_a_saved_version_is_the_one_that_its_commit_has(repository: Repository) -> None:
    with repository.history() as history:
        saved = save_entry(history, Draft(LOUD, "HEAD", "Ann <a@b>"))
        newest = log(history, "playbooks/echo", EDITS)[0]
        assert (newest.version, newest.commit) == (saved.version, saved.commit)


def test_what_differs_is_told_with_all_that_is_below(repository: Repository) -> None:
    repository.write("playbooks/echo", LOUD)
    catalog = load_catalog(repository.catalog)
    with repository.history() as history:
        found = differences(history, repository.catalog, catalog, "pipelines/talk", "v1")
        assert [each.key for each in found] == ["playbooks/echo"]
        assert "-run: {script: f/test/echo}" in found[0].diff
        assert "+run: {script: f/test/shout}" in found[0].diff
        repository.commit()
        assert not differences(history, repository.catalog, catalog, "pipelines/talk", "main")
        with pytest.raises(NotInCommit):
            differences(history, repository.catalog, catalog, "pipelines/none", "v1")


def test_what_is_no_longer_used_differs_too(repository: Repository) -> None:
    repository.write("playbooks/loud", LOUD.replace("name: echo", "name: loud"))
    repository.write("pipelines/talk", TALK.replace("playbooks/echo", "playbooks/loud"))
    catalog = load_catalog(repository.catalog)
    with repository.history() as history:
        found = differences(history, repository.catalog, catalog, "pipelines/talk", "v1")
    assert [each.key for each in found] == ["pipelines/talk", "playbooks/loud"]
