"""A generated catalog: five levels, fan-out ten, ten thousand leaves."""

from pathlib import Path

FAN_OUT = 10
LEVELS = ("top", "region", "team")
PLAYBOOK = """kind: playbook
name: {name}
summary: Leaf {name}
inputs:
  value: {{type: string}}
  size: {{type: integer, default: 1, minimum: 1}}
run: {{script: leaf}}
outputs: {{value: {{value: '${{result.value}}', type: string}}}}
"""
HEAD = """kind: {kind}
name: {name}
summary: Level {name}
inputs:
  value: {{type: string, default: x}}
steps:
"""
STEP = "  - {{id: s{number}, use: {use}, with: {{value: '{value}'}}}}\n"
TAIL = "outputs: {{value: '${{steps.s{last}.value}}'}}\n"


def write(root: Path) -> int:
    """The number of leaves below the one entry at the top."""
    for number in range(FAN_OUT):
        name = f"leaf-{number}"
        _write(root, "playbooks", name, PLAYBOOK.format(name=name))
    for pipeline in range(FAN_OUT ** len(LEVELS)):
        uses = [f"playbooks/leaf-{number}" for number in range(FAN_OUT)]
        _composite(root, "pipeline", f"pipe-{pipeline}", uses)
    below, prefix = "pipelines/pipe", "pipelines/pipe"
    for depth in range(len(LEVELS) - 1, -1, -1):
        name = LEVELS[depth]
        for index in range(FAN_OUT**depth):
            uses = [f"{prefix}-{index * FAN_OUT + child}" for child in range(FAN_OUT)]
            _composite(root, "meta-pipeline", f"{name}-{index}", uses)
        below = f"meta-pipelines/{name}"
        prefix = below
    return int(FAN_OUT ** (len(LEVELS) + 1))


def _composite(root: Path, kind: str, name: str, uses: list[str]) -> None:
    text = HEAD.format(kind=kind, name=name)
    for number, use in enumerate(uses):
        # Two chains side by side: a step waits for the one two before it.
        value = "${inputs.value}" if number < 2 else f"${{steps.s{number - 2}.value}}"
        text += STEP.format(number=number, use=use, value=value)
    _write(root, f"{kind}s", name, text + TAIL.format(last=len(uses) - 1))


def _write(root: Path, folder: str, name: str, text: str) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / f"{name}.yaml").write_text(text, "utf-8")
