"""`mlops catalog …` as a person types it, on a catalog of their own."""

import json
import shutil
from pathlib import Path

import pytest

from cli.main import run

SHIPPED = Path(__file__).parents[2] / "catalog"
DESK = """kind: meta-pipeline
name: desk
summary: A chatbot and whoever is told of it
inputs:
  documents: {type: string, required: true}
steps:
  - {id: chat, use: pipelines/rag-chatbot, with: {documents: '${inputs.documents}'}}
  - {id: again, use: pipelines/rag-chatbot, needs: [chat], with: {documents: '${inputs.documents}'}}
outputs: {url: '${steps.chat.endpoint_url}'}
"""


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "catalog"
    shutil.copytree(SHIPPED / "components", folder / "components")
    (folder / "pipelines").mkdir()
    shutil.copy(SHIPPED / "pipelines" / "rag-chatbot.yaml", folder / "pipelines")
    (folder / "meta-pipelines").mkdir()
    (folder / "meta-pipelines" / "desk.yaml").write_text(DESK)
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_shipped_catalog_is_right() -> None:
    assert run(["catalog", "check", "--dir", str(SHIPPED)]) == 0


def test_check_tells_every_problem_at_once_with_place_and_fix(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = catalog / "meta-pipelines" / "desk.yaml"
    wrong = DESK.replace("needs: [chat]", "needs: [chut]").replace("chat.endpoint_url", "chat.url")
    file.write_text(wrong)
    assert run(["catalog", "check"]) == 1
    told = capsys.readouterr().out
    assert "catalog/meta-pipelines/desk.yaml:8:53  E-CAT-004" in told
    assert "Did you mean 'chat'?" in told
    assert "E-CAT-016" in told
    assert "There are: endpoint_url" in told


def test_problems_are_data_with_json(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (catalog / "meta-pipelines" / "desk.yaml").write_text("kind: meta-pipeline\nname: no\n")
    assert run(["catalog", "check", "--json"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {problem["file"] for problem in problems} == {"catalog/meta-pipelines/desk.yaml"}
    assert all(problem["line"] for problem in problems)


def test_ls_and_search_find_the_same_entries(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["catalog", "ls", "meta-pipeline", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["key"], listed["leaves"]) == ("meta-pipelines/desk", 2)
    assert run(["catalog", "search", "CHATBOT", "told", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [listed]
    assert run(["catalog", "search", "nowhere"]) == 1


def test_show_tells_inputs_steps_and_users(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["catalog", "show", "rag-chatbot", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["used_by"] == ["meta-pipelines/desk"]
    assert run(["catalog", "show", "desk"]) == 0
    assert "again  pipelines/rag-chatbot  chat" in capsys.readouterr().out


def test_an_unknown_entry_is_answered_with_the_nearest(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["catalog", "show", "rag-chatbt"]) == 1
    assert "Did you mean 'rag-chatbot'?" in capsys.readouterr().err


def test_compile_writes_a_file_a_flow_and_the_same_bytes_each_time(catalog: Path) -> None:
    assert run(["catalog", "compile", "--out", "a"]) == 0
    assert run(["catalog", "compile", "--out", "b"]) == 0
    files = sorted(path.relative_to("a") for path in Path("a").rglob("*.json"))
    assert [str(file) for file in files] == [
        "meta-pipelines/desk.flow.json",
        "pipelines/rag-chatbot.flow.json",
    ]
    assert all((Path("a") / f).read_bytes() == (Path("b") / f).read_bytes() for f in files)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("playbook", []),
        ("pipeline", []),
        ("meta-pipeline", ["--use", "pipelines/rag-chatbot", "--use", "meta-pipelines/desk"]),
    ],
)
def test_a_new_entry_is_right_from_the_start(catalog: Path, kind: str, options: list[str]) -> None:
    assert run(["catalog", "new", kind, "mine", *options]) == 0
    assert (catalog / f"{kind}s" / "mine.yaml").exists()
    assert run(["catalog", "check"]) == 0


def test_new_overwrites_nothing(catalog: Path) -> None:
    assert run(["catalog", "new", "meta-pipeline", "desk"]) == 1
    assert (catalog / "meta-pipelines" / "desk.yaml").read_text() == DESK


def given(capsys: pytest.CaptureFixture[str], entry: str, *settings: str) -> tuple[int, list[str]]:
    """The exit code of a check with these inputs, and each problem as place, message and fix."""
    sets = [part for setting in settings for part in ("--set", setting)]
    code = run(["catalog", "check", entry, *sets, "--json"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    keys = ("file", "field", "message", "fix")
    return code, [" | ".join(str(each.get(key, "")) for key in keys) for each in problems]


def test_check_with_inputs_tells_what_a_deploy_would_refuse(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert given(capsys, "rag-chatbot", "documents=/data")[0] == 0
    code, [missing] = given(capsys, "rag-chatbot")
    assert (code, "input documents is missing" in missing) == (1, True)
    code, [unknown] = given(capsys, "rag-chatbot", "documents=/data", "docments=/data")
    assert (code, "Did you mean 'documents'?" in unknown) == (1, True)
    code, [wrong] = given(capsys, "rag-chatbot", "documents=/data", "unreadable=later")
    assert (code, "unreadable" in wrong) == (1, True)


def test_check_with_inputs_looks_below_the_entry_and_names_the_step_that_hands_them_on(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = catalog / "meta-pipelines" / "desk.yaml"
    more = DESK.replace("required: true}", "required: true}\n  policy: {type: string}", 1)
    handed = "documents: '${inputs.documents}', unreadable: '${inputs.policy}'"
    file.write_text(more.replace("documents: '${inputs.documents}'", handed, 1))
    assert given(capsys, "desk", "documents=/data", "policy=skip") == (0, [])
    code, [problem] = given(capsys, "desk", "documents=/data", "policy=later")
    assert code == 1
    assert problem.startswith("catalog/meta-pipelines/desk.yaml | steps[0].with.unreadable")
    assert "pipelines/rag-chatbot: input unreadable" in problem


def test_check_with_inputs_knows_what_is_only_wrong_together(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The component's own rule: an overlap of half a passage or more would never end."""
    file = catalog / "pipelines" / "rag-chatbot.yaml"
    text = file.read_text()
    file.write_text(
        text.replace("inputs:\n", "inputs:\n  overlap: {type: integer, default: 20}\n", 1).replace(
            "overlap: 20", "overlap: '${inputs.overlap}'"
        )
    )
    assert given(capsys, "rag-chatbot", "documents=/data", "overlap=30") == (0, [])
    code, problems = given(capsys, "rag-chatbot", "documents=/data", "overlap=90")
    assert (code, any("overlap" in each for each in problems)) == (1, True)


def test_check_of_a_step_that_never_runs_says_nothing(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = catalog / "meta-pipelines" / "desk.yaml"
    never = DESK.replace("needs: [chat],", "when: \"${inputs.documents} == 'x'\", needs: [chat],")
    never = never.replace(
        "needs: [chat], with: {documents: '${inputs.documents}'}",
        "needs: [chat], with: {documents: '${inputs.documents}', unreadable: '${inputs.policy}'}",
    ).replace("required: true}", "required: true}\n  policy: {type: string, default: later}", 1)
    file.write_text(never)
    assert given(capsys, "desk", "documents=/data") == (0, [])
    assert given(capsys, "desk", "documents=x")[0] == 1
