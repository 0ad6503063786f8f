"""What people read where a step of ours is meant: in Windmill, in the builder and at a terminal.

The flows in windmill/flows say the same; a test holds them to it.
"""

from collections.abc import Mapping

CHOOSE_TARGET = "Choose target"
ASK_FOR_TARGET = "Ask for a target"

DEPLOYMENT: Mapping[str, str] = {
    "validate": "Validate",
    "target": CHOOSE_TARGET,
    "ask": ASK_FOR_TARGET,
    "answered": CHOOSE_TARGET,
    "given": CHOOSE_TARGET,
    "generate": "Generate Terraform",
    "Approval": "Approval, where it is asked for",
    "A_deployment": "Approve",
    "Approved": "Approved",
    "apply": "Apply Terraform",
    "configure": "Configure host",
    "health": "Check health",
    "metrics": "Register metrics",
    "notify": "Notify",
    "failure": "Destroy what was created",
}


def failed_step(id: str, message: str) -> str:
    """The message of a step of the deployment, which people know by its title."""
    return f"{DEPLOYMENT.get(id, id)}: {message}" if id else message
