"""Links that ask whether a run may go on, pressed as a person presses them."""

import html
import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.n8n.conftest import Sinks, until

RUNNING = {"running", "new"}


def links(sinks: Sinks, name: str) -> dict[str, str]:
    """Of the newest message that asks about it: by `Approve` and `Reject`."""

    def asked() -> str:
        texts = [each["text"] for each in sinks.channel.messages if "Approve: " in each["text"]]
        return next((text for text in reversed(texts) if name in text), "")

    return dict(re.findall(r"^(Approve|Reject): (\S+)$", until(asked), re.MULTILINE))


def answer(link: str) -> str:
    """As a person's browser does: the form, what is chosen there, and what it then shows."""
    query = parse_qs(urlsplit(link).query, keep_blank_values=True)
    page = httpx.get(link)
    assert page.is_success, page.text
    given = {"field-0": (None, query["answer"][0]), "field-1": (None, query["question"][0])}
    sent = httpx.post(link, files=given)
    assert sent.is_success, sent.text
    return shown(sent.json()["formWaitingUrl"])


def shown(url: str, auth: tuple[str, str] | None = None) -> str:
    """The text of the page, once the run got there."""
    while httpx.get(url.replace("?", "/n8n-execution-status?"), auth=auth).text in RUNNING:
        time.sleep(0.1)
    text = re.sub(r"<(style|script)\b.*?</\1>", "", httpx.get(url, auth=auth).text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
