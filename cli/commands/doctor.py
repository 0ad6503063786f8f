"""`mlops doctor`"""

import click

from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option

MARKS = {"ok": ("ok", "green"), "warning": ("warn", "yellow"), "failed": ("FAIL", "red")}


@examples(
    """
    mlops doctor
    mlops doctor --json | jq '.[] | select(.state == "failed")'
    """
)
@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Check this machine and the platform; each failure comes with what mends it."""
    from cli.platform.checkup import examine

    findings = examine(Home.from_environment())
    if as_json:
        console.say_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            mark, colour = MARKS[finding.state]
            console.say(
                f"{console.styled(f'{mark:4}', fg=colour)}  {finding.what:22} {finding.found}"
            )
            if finding.fix:
                console.say(f"      {'':22} {finding.fix}")
    return 1 if any(finding.state == "failed" for finding in findings) else 0
