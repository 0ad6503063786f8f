"""catalog.lock: a pin stays what it was, though the branch goes on."""

import pytest

from history.locking import wanted_lock
from tests.history.repository import ECHO, PINNED, Repository
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.catalog.lock import LOCK_FILE, lock_text
from windmill.scripts.model.check.check_catalog import load_catalog

LOUD = ECHO.replace("f/test/echo", "f/test/shout")
USE = "pipelines/talk@stable"


@pytest.fixture
def pinned(repository: Repository) -> Repository:
    """The desk pins a branch, and the lock is written."""
    repository.git("branch", "stable")
    repository.write("meta-pipelines/desk", PINNED.replace("REF", "stable"))
    write_lock(repository)
    return repository


def write_lock(repository: Repository, update: bool = False) -> str:
    with repository.history() as history:
        text = lock_text(wanted_lock(repository.catalog, history, update))
    (repository.catalog / LOCK_FILE).write_text(text)
    return text


def load(repository: Repository) -> Catalog:
    with repository.history() as history:
        return load_catalog(repository.catalog, history=history)


def move_on(repository: Repository) -> str:
    """The branch goes on, in a checkout of its own."""
    theirs = Repository(repository.path.with_name("stable"))
    repository.git("worktree", "add", "-q", str(theirs.path), "stable")
    theirs.write("playbooks/echo", LOUD)
    return theirs.commit("Shout")


def test_the_locked_commit_is_used_until_the_lock_is_updated(pinned: Repository) -> None:
    first = pinned.git("rev-parse", "v1")
    later = move_on(pinned)
    assert load(pinned).pins == {USE: first}
    before = (pinned.catalog / LOCK_FILE).read_text()
    assert write_lock(pinned) == before
    write_lock(pinned, update=True)
    assert load(pinned).pins == {USE: later}
    (pinned.catalog / LOCK_FILE).unlink()
    assert load(pinned).pins == {USE: later}


def test_the_lock_is_a_line_a_pin_and_the_same_each_time(pinned: Repository) -> None:
    text = (pinned.catalog / LOCK_FILE).read_text()
    first = pinned.git("rev-parse", "v1")
    assert f"  {USE}: {{commit: '{first}', hash: '" in text
    assert write_lock(pinned) == text
    (pinned.catalog / "meta-pipelines/desk.yaml").unlink()
    assert write_lock(pinned).endswith("pins: {}\n")


def test_another_content_than_the_locked_one_is_an_error(pinned: Repository) -> None:
    lock = pinned.catalog / LOCK_FILE
    text = lock.read_text()
    at = text.index("hash: '") + len("hash: '")
    lock.write_text(text[:at] + "0" * 64 + text[at + 64 :])
    with pytest.raises(InvalidInput) as caught:
        load(pinned)
    assert "catalog/catalog.lock:4:" in str(caught.value)
    assert "E-CAT-031" in str(caught.value)
    assert "is locked as 000000000000" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 2\npins: {}\n", "catalog/catalog.lock:1:10"),
        ("pins: {pipelines/talk@stable: {commit: '../../x', hash: ''}}", "commit"),
        ("pins: {pipelines/talk@-f: {}}", "catalog/catalog.lock"),
        ("pins: [", "not YAML"),
        ("pins: {a: &a [*a]}", "catalog/catalog.lock"),
    ],
)
def test_a_lock_that_is_none_is_told(pinned: Repository, text: str, told: str) -> None:
    (pinned.catalog / LOCK_FILE).write_text(text)
    with pytest.raises(InvalidInput) as caught:
        load(pinned)
    assert told in str(caught.value)


def test_a_commit_that_this_clone_does_not_have(pinned: Repository) -> None:
    lock = pinned.catalog / LOCK_FILE
    first = pinned.git("rev-parse", "v1")
    lock.write_text(lock.read_text().replace(first, "1" * 40))
    with pytest.raises(InvalidInput, match="missing or damaged"):
        load(pinned)


def test_what_a_pinned_entry_pins_is_what_its_own_commit_locked(pinned: Repository) -> None:
    first = pinned.git("rev-parse", "v1")
    pinned.commit("Lock")
    pinned.git("tag", "v2")
    later = move_on(pinned)
    top = PINNED.replace("pipelines/talk@REF", "meta-pipelines/desk@v2")
    pinned.write(
        "meta-pipelines/top",
        top.replace("name: desk", "name: top").replace(
            "${steps.before.said}", "${steps.before.after}"
        ),
    )
    write_lock(pinned, update=True)
    catalog = load(pinned)
    assert catalog.pins[USE] == later
    desk = catalog.entries[f"meta-pipelines/desk@{pinned.git('rev-parse', 'v2')[:12]}"]
    assert (desk.steps or ())[0].use == f"pipelines/talk@{first[:12]}"
