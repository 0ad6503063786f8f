"""What a page points to is there, and what it tells people to type is understood."""

import re
from pathlib import Path

import click
import pytest

from cli.actions.deploying import settings_of
from cli.main import commands as mlops
from tests.docs.pages import PAGES, ROOT, Block, anchors, blocks, commands, links
from windmill.scripts.model.check.check_catalog import load_catalog

SHELL = [block for page in PAGES for block in blocks(page, "sh", "bash", "console")]
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
CATALOG = load_catalog(ROOT / "catalog")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if not re.match(r"[a-z]+:", link):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{link} is not there"
            assert target.is_relative_to(ROOT)
            assert not anchor or anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("folder", ["tutorials", "how-to", "reference", "explanation"])
def test_the_index_names_every_page(folder: str) -> None:
    index = ROOT / "docs" / "README.md"
    told = {(index.parent / link).resolve() for link in links(index)}
    assert set((ROOT / "docs" / folder).glob("*.md")) <= told


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.place)
def test_what_people_are_told_to_type_is_understood(
    block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether a reader's own folder is there is no business of the command line's grammar.
    monkeypatch.setattr(click.Path, "convert", lambda self, value, param, ctx: value)
    own = {Path(other.file).stem for other in blocks(block.page, "yaml")}
    for words in commands(block.text):
        if Path(words[0]).name == "mlops" and not {"--help", "--version"} & set(words):
            ctx = understood(mlops, "mlops", words[1:])
            if ctx.info_name == "deploy":
                settings = ctx.params["settings"]
                of_target = settings_of(ctx.params["target"], {})
                inputs = tuple(each for each in settings if each.split("=")[0] not in of_target)
                deployable(ctx.params["entry"], inputs, own)
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= TARGETS, words


def understood(
    command: click.Command, name: str, words: list[str], parent: click.Context | None = None
) -> click.Context:
    """Parses as the real command line does, and runs nothing."""
    with command.make_context(name, list(words), parent=parent) as ctx:
        if not isinstance(command, click.Group):
            return ctx
        left = [*ctx._protected_args, *ctx.args]
        if not left and command.invoke_without_command:
            return ctx
        found, inner, rest = command.resolve_command(ctx, left)
        assert inner
        return understood(inner, found or "", rest, ctx)


def deployable(entry: str, settings: tuple[str, ...], of_the_page: set[str]) -> None:
    known = CATALOG.entries.get(entry if "/" in entry else f"pipelines/{entry}")
    assert known or Path(entry).name.removesuffix(".yaml") in of_the_page | {"my-pipeline"}, (
        f"{entry} is not in the catalog"
    )
    names = {setting.partition("=")[0] for setting in settings}
    assert known is None or names <= set(known.inputs), f"{entry} does not take {names}"


def test_a_slip_in_a_command_would_be_seen() -> None:
    for wrong in (["deplo"], ["sync", "pusch"], ["deploy", "x.yaml", "--taget", "local"]):
        with pytest.raises(click.UsageError):
            understood(mlops, "mlops", wrong)
    with pytest.raises(AssertionError, match="not in the catalog"):
        deployable("rag-chatbt", (), set())
