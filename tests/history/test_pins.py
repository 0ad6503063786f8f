"""`use: pipelines/x@ref`: what it leads to, and what is told where it leads nowhere."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from history.git import GitHistory
from tests.history.repository import ECHO, PINNED, TALK, Repository
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.catalog.history import BadRef, UnknownRef
from windmill.scripts.model.catalog.version import Versions
from windmill.scripts.model.check.check_catalog import load_catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog

NEW_ECHO = ECHO.replace("f/test/echo", "f/test/shout")
SHIPPED = Path(__file__).parents[2] / "catalog"
CASES = yaml.safe_load((Path(__file__).parent / "refs.yaml").read_text("utf-8"))


def load(repository: Repository) -> Catalog:
    with repository.history() as history:
        return load_catalog(repository.catalog, history=history)


def problems(repository: Repository) -> str:
    with pytest.raises(InvalidInput) as caught:
        load(repository)
    return str(caught.value)


def pin(repository: Repository, ref: str) -> None:
    repository.write("meta-pipelines/desk", PINNED.replace("REF", ref))


def scripts(flow: object) -> list[str]:
    """Paths of what a flow calls, in order."""
    if isinstance(flow, dict):
        own = [flow["path"]] if isinstance(flow.get("path"), str) else []
        return own + [path for value in flow.values() for path in scripts(value)]
    return [path for item in flow for path in scripts(item)] if isinstance(flow, list) else []


def test_a_pinned_entry_uses_what_its_own_commit_had(repository: Repository) -> None:
    first = repository.git("rev-parse", "v1")[:12]
    repository.write("playbooks/echo", NEW_ECHO)
    pin(repository, "v1")
    flows = dict(compile_catalog(load(repository)))
    assert "f/test/echo" in scripts(flows[f"pipelines/talk@{first}"])
    assert "f/test/shout" in scripts(flows["pipelines/talk"])
    desk = scripts(flows["meta-pipelines/desk"])
    assert f"f/mlops/catalog/at/{first}/pipelines/talk" in desk
    assert "f/mlops/catalog/pipelines/talk" in desk


@pytest.mark.parametrize("case", CASES["good"])
def test_a_commit_may_be_named_as_git_names_it(repository: Repository, case: str) -> None:
    repository.git("tag", "-a", "-m", "annotated", "annotated")
    repository.git("tag", "-a", "-m", "tag of a tag", "nested", "annotated")
    repository.git("branch", "feature/one")
    repository.git("update-ref", "refs/remotes/origin/theirs", "HEAD")
    full = repository.git("rev-parse", "v1")
    repository.git("pack-refs", "--all")
    repository.git("gc", "-q")
    with repository.history() as history:
        assert history.commit(case.format(full=full, short=full[:9])) == full


@pytest.mark.parametrize("kind", ["tag", "branch"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_was_pushed_under_the_name_of_a_hash_is_not_what_it_names(
    repository: Repository, kind: str, packed: bool
) -> None:
    full = repository.git("rev-parse", "v1")
    pin(repository, "v1")
    repository.commit()
    newest = repository.git("rev-parse", "HEAD")
    assert newest != full
    place = {"tag": "refs/tags", "branch": "refs/heads"}[kind]
    repository.git("update-ref", f"{place}/{full[:9]}", newest)
    repository.git("update-ref", f"{place}/deadbee", newest)
    if packed:
        repository.git("pack-refs", "--all")
    with repository.history() as history:
        assert history.commit(full[:9]) == full
        written = f"{place.removeprefix('refs/')}/deadbee"
        with pytest.raises(UnknownRef) as told:
            history.commit("deadbee")
        assert written in told.value.fix
        assert history.commit(written) == newest


@pytest.mark.parametrize("ref", CASES["refused"])
def test_a_name_that_is_more_than_a_name_is_refused(repository: Repository, ref: str) -> None:
    with repository.history() as history, pytest.raises(BadRef):
        history.commit(ref)


def test_git_and_we_agree_on_what_a_name_may_be(repository: Repository) -> None:
    """All that we take, Git takes for the name of a branch."""
    for ref in CASES["good"]:
        name = ref.format(full="a" * 40, short="a" * 9)
        if name != "HEAD":
            repository.git("check-ref-format", f"refs/heads/{name}")


def test_an_unknown_ref_is_told_where_it_is_used_with_the_nearest(repository: Repository) -> None:
    pin(repository, "v2")
    repository.git("tag", "v20")
    told = problems(repository)
    assert "catalog/meta-pipelines/desk.yaml:6:" in told
    assert "E-CAT-030" in told
    assert "There is no commit, tag or branch 'v2'" in told
    assert "Did you mean 'v20'?" in told


def test_an_entry_that_the_commit_does_not_have(repository: Repository) -> None:
    (repository.catalog / "pipelines/talk.yaml").rename(repository.catalog / "pipelines/tulk.yaml")
    repository.write("pipelines/tulk", TALK.replace("name: talk", "name: tulk"))
    repository.commit()
    repository.git("tag", "v2")
    repository.write("pipelines/talk", TALK)
    pin(repository, "v2")
    told = problems(repository)
    assert "pipelines/talk is not in the catalog of commit" in told
    assert "Did you mean 'pipelines/tulk'?" in told


def test_what_is_broken_there_is_told_with_its_own_place(repository: Repository) -> None:
    repository.write("pipelines/talk", TALK.replace("kind: pipeline", "kind: nothing"))
    commit = repository.commit()[:12]
    repository.write("pipelines/talk", TALK)
    pin(repository, "HEAD")
    told = problems(repository)
    assert f"{commit}:catalog/pipelines/talk.yaml:1:7" in told
    assert f"pipelines/talk is broken at commit {commit}" in told


def test_what_is_wrong_below_the_pin_is_told_too(repository: Repository) -> None:
    repository.write("playbooks/echo", ECHO.replace("said:", "spoken:"))
    commit = repository.commit()[:12]
    repository.write("playbooks/echo", ECHO)
    pin(repository, "HEAD")
    told = problems(repository)
    assert f"{commit}:catalog/pipelines/talk.yaml" in told
    assert f"playbooks/echo@{commit} has no output 'said'" in told


def test_links_and_submodules_are_not_followed(repository: Repository) -> None:
    talk = repository.catalog / "pipelines/talk.yaml"
    talk.unlink()
    talk.symlink_to("../playbooks/echo.yaml")
    submodule = f"160000,{'1' * 40},catalog/playbooks/sub.yaml"
    repository.git("update-index", "--add", "--cacheinfo", submodule)
    repository.git("add", "catalog/pipelines")
    repository.git("commit", "-q", "-m", "links")
    talk.unlink()
    repository.write("pipelines/talk", TALK)
    pin(repository, "HEAD")
    assert "it is a link, not a file" in problems(repository)
    with repository.history() as history:
        assert "playbooks/sub.yaml" not in history.files(history.commit("HEAD"))


def lines(what: str, suffix: str = "") -> str:
    return "".join(f"{what}\t{number}{suffix}\n" for number in range(20))


def test_a_tree_bomb_is_refused_before_it_is_walked(repository: Repository) -> None:
    blob = repository.git("hash-object", "-w", "--stdin", input="x")
    tree = repository.git("mktree", input=lines(f"100644 blob {blob}", ".yaml"))
    for _ in range(8):
        tree = repository.git("mktree", input=lines(f"040000 tree {tree}"))
    root = repository.git("mktree", input=f"040000 tree {tree}\tcatalog\n")
    bomb = repository.git("commit-tree", root, "-m", "bomb")
    repository.git("tag", "bomb", bomb)
    pin(repository, "bomb")
    assert "it has too many files" in problems(repository)


def test_a_circle_through_history_is_told(repository: Repository) -> None:
    repository.write(
        "meta-pipelines/desk", PINNED.replace("pipelines/talk@REF", "meta-pipelines/desk@main")
    )
    repository.commit()
    assert "in a circle" in problems(repository)


def test_outside_a_repository_pins_are_told_and_the_rest_is_not_bothered(tmp_path: Path) -> None:
    catalog = Repository(tmp_path)
    catalog.write("playbooks/echo", ECHO)
    catalog.write("pipelines/talk", TALK)
    load_catalog(catalog.catalog, history=GitHistory(catalog.catalog))
    pin(catalog, "v1")
    assert "is not in a Git repository" in problems(catalog)


def test_a_linked_worktree_and_a_folder_below_have_the_same_history(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "-q", str(tmp_path / "other"), "v1")
    with GitHistory(tmp_path / "other" / "catalog") as history:
        assert history.commit("main") == repository.git("rev-parse", "main")
        assert history.text(history.commit("v1"), "pipelines/talk.yaml") == TALK


@pytest.mark.slow
def test_git_is_loaded_only_where_something_is_pinned(repository: Repository) -> None:
    code = (
        "import sys; from pathlib import Path; from history.git import GitHistory;"
        "from windmill.scripts.model.check.check_catalog import load_catalog;"
        f"root = Path({str(repository.catalog)!r});"
        "load_catalog(root, history=GitHistory(root)); print('dulwich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_same_content_has_the_same_version_wherever_it_is_pinned(
    repository: Repository,
) -> None:
    pin(repository, "v1")
    repository.write("pipelines/talk", f"# a remark\n{TALK}")
    commit = repository.git("rev-parse", "v1")[:12]
    versions = Versions(load(repository))
    assert versions["pipelines/talk"] == versions[f"pipelines/talk@{commit}"]
    repository.write("playbooks/echo", NEW_ECHO)
    later = Versions(load(repository))
    assert later[f"pipelines/talk@{commit}"] == versions["pipelines/talk"]
    assert later["pipelines/talk"] != versions["pipelines/talk"]
    assert later["meta-pipelines/desk"] != versions["meta-pipelines/desk"]


def test_a_drawn_pipeline_that_is_pinned_keeps_its_version_though_components_change(
    repository: Repository,
) -> None:
    shutil.copytree(SHIPPED / "components", repository.catalog / "components")
    shutil.copy(SHIPPED / "pipelines/rag-chatbot.yaml", repository.catalog / "pipelines")
    commit = repository.commit()[:12]
    repository.git("tag", "drawn")
    desk = PINNED.replace("pipelines/talk@REF", "pipelines/rag-chatbot@drawn")
    desk = desk.replace("with: {text: '${inputs.text}'}}", "with: {documents: here}}", 1)
    desk = desk.replace("steps.before.said", "steps.before.endpoint_url")
    repository.write("meta-pipelines/desk", desk)
    key = f"pipelines/rag-chatbot@{commit}"
    before = Versions(load(repository))
    assert before[key] == before["pipelines/rag-chatbot"]
    file = repository.catalog / "components/embeddings.yaml"
    text = file.read_text()
    file.write_text(text.replace("title:", "services: [x]\ntitle:", 1))
    after = Versions(load(repository))
    assert after[key] == before[key]
    assert after["pipelines/rag-chatbot"] != before["pipelines/rag-chatbot"]
    (repository.catalog / "pipelines/rag-chatbot.yaml").unlink()
    assert key in dict(compile_catalog(load(repository)))


def test_a_drawn_pipeline_that_the_newest_components_no_longer_fit_is_told(
    repository: Repository,
) -> None:
    shutil.copytree(SHIPPED / "components", repository.catalog / "components")
    shutil.copy(SHIPPED / "pipelines/rag-chatbot.yaml", repository.catalog / "pipelines")
    commit = repository.commit()[:12]
    desk = PINNED.replace("pipelines/talk@REF", "pipelines/rag-chatbot@HEAD")
    repository.write("meta-pipelines/desk", desk)
    (repository.catalog / "components/embeddings.yaml").unlink()
    told = problems(repository)
    assert f"{commit}:catalog/pipelines/rag-chatbot.yaml" in told
    assert "component 'embeddings'" in told
