"""`mlops ask`"""

from pathlib import Path
from typing import Any

import click

from cli.actions.asking.files import check_place, write
from cli.actions.asking.fitting import check_given
from cli.actions.asking.questions import QUESTIONS, Question
from cli.actions.asking.served import served_by
from cli.actions.listing.completing import deployments
from cli.clients.calls import Endpoint, opened
from cli.clients.gateway import find_gateway
from cli.commands.calling.chat import ask_chat
from cli.errors import MissingInput
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.asking.answers import answer_lines
from cli.terminal.asking.counting import Counting
from cli.terminal.options import examples, json_option
from windmill.scripts.model.base.errors import NoAnswer


@examples(
    """
    mlops ask text-classifier "You charged my card twice"
    mlops ask image-classifier --file picture.png
    mlops ask speech-to-text --file recording.ogg
    mlops ask forecast --horizon 7
    mlops ask summarizer --file report.pdf
    mlops ask llm-gateway "Who wrote Faust?"
    mlops ask batch-inference --out answers.csv
    mlops ask evaluation --json | jq .score
    """
)
@click.command("ask", short_help="Ask a deployed pipeline, whatever it answers.")
@click.argument("id", shell_complete=deployments)
@click.argument("text", default="")
@click.option("--file", type=click.Path(path_type=Path), help="An image, sound or a document.")
@click.option("--horizon", type=click.IntRange(min=1), help="Of a forecast: so many steps ahead.")
@click.option("--again", is_flag=True, help="Of a batch or an evaluation: run it once more.")
@click.option("--out", type=click.Path(path_type=Path), help="Where a batch's rows are put.")
@json_option
def command(
    id: str,
    text: str,
    file: Path | None,
    horizon: int | None,
    again: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Ask a deployed pipeline whatever it answers: a text, a picture, a recording, a forecast.

    Rows of a table are asked with `mlops predict`.
    """
    check_place(out)
    gateway = find_gateway(Home.from_environment())
    status = gateway.status(id)
    served = served_by(gateway, status)
    question = Question(text, file, horizon, again, out)
    if "chat" in served:
        check_given(status["name"], "chat", question.given)
        if not text:
            raise MissingInput(
                names="a question", fix=f'mlops ask {status["name"]} "your question"'
            )
        ask_chat(gateway, status, text, as_json)
        return
    port = next((each for each in QUESTIONS if each in served), None)
    with opened(gateway, status) as endpoint:
        if port is None:
            raise NoAnswer(name=endpoint.name, reason="nobody knows what it serves")
        if port != "predictor":
            check_given(endpoint.name, port, question.given)
        with Counting("asking", silent=as_json) as counting:
            answer = QUESTIONS[port](endpoint, question, counting.show)
        _tell(endpoint, port, answer, out, as_json)


def _tell(
    endpoint: Endpoint, port: str, answer: dict[str, Any], out: Path | None, as_json: bool
) -> None:
    rows = endpoint.content("/batch/output") if port == "job" and (out or not as_json) else b""
    if out:
        write(out, rows)
    if as_json:
        console.say_json(answer)
    elif port == "job" and not out:
        console.write_file(rows.decode())
    else:
        for line in answer_lines(port, answer):
            console.say(line)
