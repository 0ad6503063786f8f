"""`mlops wait-for-resources`"""

import json
import os
from dataclasses import asdict

import click

from cli.errors import CannotRun
from cli.terminal import console
from cli.terminal.options import examples


@examples(
    """
    mlops wait-for-resources -- make test
    MAX_WAIT_TIME=60 mlops wait-for-resources -- terraform apply
    THROTTLE_DISABLE=true mlops wait-for-resources -- make test
    """
)
@click.command("wait-for-resources", short_help="Run a command once this machine is free.")
@click.argument("cmd", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--json", "as_json", is_flag=True, help="How long it waited, as JSON on stderr.")
def command(cmd: tuple[str, ...], as_json: bool) -> None:
    """Wait until this machine is free, for MAX_WAIT_TIME seconds at most, then run CMD.

    CMD takes this process' place: its output, its signals and its exit code are its own.

    \b
    Environment: CPU_THRESHOLD (90.0), LOAD_AVG_THRESHOLD (6.0), CHECK_INTERVAL (0.1),
    MAX_WAIT_TIME (5.0), THROTTLE_DISABLE (false), LOG_LEVEL (INFO)
    """
    from windmill.scripts.worker.cpu_throttler import throttle

    waited = throttle()
    if as_json:
        console.note(json.dumps(asdict(waited)))
    try:
        os.execvp(cmd[0], cmd)  # noqa: S606  no shell is wanted
    except OSError as error:
        raise CannotRun(program=cmd[0], reason=error.strerror) from error
