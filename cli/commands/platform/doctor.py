"""`mlops doctor`"""

import click

from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.findings import say_finding
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops doctor
    mlops doctor --json | jq '.[] | select(.state == "failed")'
    """
)
@click.command("doctor", short_help="Check this machine and the platform; say what mends it.")
@json_option
def command(as_json: bool) -> int:
    """Check this machine and the platform; each failure comes with what mends it."""
    from cli.actions.checking.orphan_watch import orphan_watch
    from cli.actions.checking_gateway import gateway_findings
    from cli.actions.checking_n8n import named_n8n
    from cli.actions.connecting import named_worker
    from cli.platform.checkup import examine

    home = Home.from_environment()
    findings = [*examine(home), *gateway_findings(home), *named_worker(), *named_n8n()]
    findings += orphan_watch(home)
    if as_json:
        console.say_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            say_finding(finding)
    return 1 if any(finding.state == "failed" for finding in findings) else 0
