"""`mlops demo`"""

import time
from pathlib import Path
from typing import Any

import click

from cli.actions.running import Tell, bring_up, teller
from cli.clients.endpoint import source_lines
from cli.clients.gateway import Gateway, find_gateway
from cli.commands.calling.chat import answered
from cli.commands.deployments.deploy import deploy, page_hint
from cli.commands.platform.builder import builder_link
from cli.commands.platform.up import addresses
from cli.platform.home import ROOT, Home
from cli.terminal import console
from cli.terminal.options import examples, json_option
from sync.build.bundle import is_built

PIPELINE = "rag-chatbot"
BUILDER_SOURCES = "windmill/apps/ml_pipeline_builder.raw_app"


@examples(
    """
    mlops demo --documents ./handbook --question "How long is the notice period?"
    mlops demo --documents report.pdf --question "What was the revenue?" --json
    """
)
@click.command("demo", short_help="Do the main job for real: deploy a chatbot and ask it.")
@click.option(
    "--documents",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A folder or file: PDF, Markdown or text.",
)
@click.option("--question", required=True, help="What to ask them.")
@json_option
def command(documents: Path, question: str, as_json: bool) -> None:
    """Do the main job for real: start, push, deploy a chatbot, ask it.

    The second time only what changed is done again.
    """
    tell = teller(as_json)
    seconds: dict[str, float] = {}
    home = Home.from_environment()
    tell(console.bold("1. The platform: Windmill's engine and the gateway, on this machine"))
    up = _timed(seconds, "platform", lambda: bring_up(home, tell))
    gateway = find_gateway(home)
    tell(console.bold(f"\n2. Deploying {PIPELINE} on this machine, from {documents}"))
    status = _timed(seconds, "deploy", lambda: _deploy(gateway, documents, as_json))
    tell(_deployed(status))
    tell(console.bold(f"\n3. {question}\n"))
    answer = _timed(seconds, "answer", lambda: answered(gateway, status, question, as_json))
    if as_json:
        urls = {**up["urls"], **status["urls"]}
        console.say_json({**answer, "question": question, "seconds": seconds, "urls": urls})
        return
    _print_sources(answer, tell)
    _print_summary(seconds, up["urls"], status, tell)
    tell(f"  {page_hint(gateway, status)}")


def _timed(seconds: dict[str, float], phase: str, work: Any) -> dict[str, Any]:
    began = time.monotonic()
    result: dict[str, Any] = work()
    seconds[phase] = round(time.monotonic() - began, 3)
    return result


def _deploy(gateway: Gateway, documents: Path, as_json: bool) -> dict[str, Any]:
    inputs = {"documents": str(documents.resolve())}
    body = {"pipeline": PIPELINE, "inputs": inputs, "target": "local"}
    return deploy(gateway, body, True, as_json)


def _deployed(status: dict[str, Any]) -> str:
    total = console.seconds(status["total_seconds"])
    how = "Nothing changed; it is live" if status["changed"] is False else "Live"
    return f"  {how} at {status['endpoint_url']} ({total})"


def _print_sources(answer: dict[str, Any], tell: Tell) -> None:
    tell("\n")
    for line in source_lines(answer["sources"]):
        tell(console.dim(line))


def _print_summary(
    seconds: dict[str, float], urls: dict[str, str], status: dict[str, Any], tell: Tell
) -> None:
    phases = ", ".join(f"{phase} {console.seconds(took)}" for phase, took in seconds.items())
    tell(f"\n{console.bold('Done')} in {console.seconds(sum(seconds.values()))}: {phases}")
    for name, url in {**addresses(urls), **_titled(status["urls"]), **_builder()}.items():
        tell(f"  {name:18} {url}")
    tell("\nGo on:")
    tell(f'  mlops chat {status["name"]} "another question"')
    tell(f"  mlops status {status['name']}      mlops logs {status['name']}      mlops ls")
    tell("  mlops down --destroy     (make down) removes everything again")


def _builder() -> dict[str, str]:
    """Where it was built; `make demo` itself needs no Node."""
    if not is_built(ROOT / BUILDER_SOURCES):
        return {}
    return {"Pipeline builder": builder_link(Home.from_environment())}


TITLES = {
    "api": "Pipeline API",
    "docs": "Pipeline docs",
    "health": "Pipeline health",
    "metrics": "Pipeline metrics",
    "litellm": "LiteLLM proxy",
    "model_server": "Model server",
}


def _titled(urls: dict[str, str]) -> dict[str, str]:
    titled = {title: urls[name] for name, title in TITLES.items() if name in urls}
    return {**titled, **{name: url for name, url in urls.items() if name not in TITLES}}
