"""An e-mail to text: who wrote what to whom, and which attachments were not read."""

import email
import email.policy
from email.message import EmailMessage

from serving.documents.formats.html import read_page

HEADERS = ("Subject", "From", "To", "Date")


def read_mail(content: bytes) -> tuple[str, list[str]]:
    """Its text and what is attached. Broken headers and encodings are read as mail programs do."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    head = [f"{name}: {message[name]}" for name in HEADERS if message[name]]
    attached = [f"attachment {_name(part)} is not read" for part in message.iter_attachments()]
    return "\n".join(head) + "\n\n" + _body(message), attached


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    if part.get_content_subtype() == "html":
        return read_page(part.get_content().encode(), "", "utf-8").text
    return str(part.get_content())


def _name(part: EmailMessage) -> str:
    return part.get_filename() or part.get_content_type()
