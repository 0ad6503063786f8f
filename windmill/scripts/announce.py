"""Tell people something, through n8n where one is set; whoever cannot be told fails nothing.

Gives `told`: whether n8n took it.
"""

from typing import Any

from .worker.notifications import NotDelivered, deliver


def main(subject: str, text: str) -> dict[str, Any]:
    print(f"{subject}\n{text}")
    try:
        told = deliver(subject, text)
    except NotDelivered as error:
        print(error)
        told = False
    return {"told": told}
