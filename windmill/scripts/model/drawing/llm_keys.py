"""Keys of language models' providers: each belongs to the address that it was stored for."""

import ipaddress
import json
import re
from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from ..base.errors import KeyElsewhere, KeyWithoutAddress

# Nobody who logs in, no query, and in the path nothing that servers read in different ways.
BASE_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?#@\\%:\[\]]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/(?!\.{1,2}(?:/|$))[a-z0-9._~!$&'()*+,;=:@-]+)*)/?",
    re.IGNORECASE,
)
USUAL_PORTS = {"http": 80, "https": 443}
MOST_PORT = 65535
MOST_CHARACTERS, MOST_KEY = 500, 10_000
KEY_NAME = r"^[a-z0-9_]{1,60}$"


def normal_base_url(text: str) -> str:
    """As every program reads it alike: scheme, host in ASCII without a dot at its end, the port
    where it is not the usual one, the path without a slash at its end. Raises ValueError in words.
    """
    found = BASE_URL.fullmatch(text[: MOST_CHARACTERS + 1])
    if not found or len(text) > MOST_CHARACTERS:
        raise _wrong("it is no plain address like https://llm.example.org/v1")
    scheme = found["scheme"].lower()
    port = int(found["port"] or USUAL_PORTS[scheme])
    if not 0 < port <= MOST_PORT:
        raise _wrong(f"its port is not from 1 to {MOST_PORT}")
    shown = "" if port == USUAL_PORTS[scheme] else f":{port}"
    return f"{scheme}://{_ascii(found['host'])}{shown}{found['path']}"


def is_below(url: str, base: str) -> bool:
    """Both as `normal_base_url` gives them."""
    return url == base or url.startswith(f"{base}/")


def _fits_a_header(key: SecretStr) -> SecretStr:
    text = key.get_secret_value()
    if not (0 < len(text) <= MOST_KEY and text.isascii() and text.isprintable()) or " " in text:
        raise _wrong("a key is plain characters without spaces")
    return key


BaseUrl = Annotated[str, AfterValidator(normal_base_url)]
KeyText = Annotated[SecretStr, AfterValidator(_fits_a_header)]


class StoredKey(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: BaseUrl
    key: KeyText

    @classmethod
    def read(cls, name: str, text: str) -> "StoredKey":
        """The text of Windmill's variable. Raises KeyWithoutAddress."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            # What it finds wrong would quote the secret.
            raise KeyWithoutAddress(key=name) from None

    def text(self) -> str:
        return json.dumps({"base_url": self.base_url, "key": self.key.get_secret_value()})

    def for_address(self, name: str, base_url: str) -> str:
        """The key itself. Raises KeyElsewhere."""
        if not is_below(base_url, self.base_url):
            raise KeyElsewhere(key=name, stored=self.base_url, asked=base_url)
        return self.key.get_secret_value()


def _wrong(reason: str) -> ValueError:
    """A message of its own: pydantic puts "Value error" before that of any other."""
    return PydanticCustomError("base_url", reason)


def _ascii(host: str) -> str:
    try:
        name = httpx.URL(f"http://{host}").raw_host.decode("ascii").rstrip(".")
    except httpx.InvalidURL as error:
        raise _wrong("its host is no valid name") from error
    if not name:
        raise _wrong("it has no host")
    return f"[{ipaddress.IPv6Address(name)}]" if ":" in name else name
