"""How a provider is asked over HTTP: again where that can help, and once where it makes something.

Raises RentalErrors and nothing else.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from .errors import NotReached, OutcomeUnknown, ProviderFailed, RateLimited, RentalError

TRIES = 4
LONGEST_WAIT = 60.0  # seconds; who is asked to wait longer hears of it instead
LONGEST_DETAIL = 500
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

Model = TypeVar("Model", bound=BaseModel)
Send = Callable[[], httpx.Response]
# What an answer that came means, where it is no success.
Judge = Callable[[httpx.Response], RentalError | None]


@dataclass(frozen=True)
class Asking:
    """`sleep` takes seconds."""

    provider: str
    sleep: Callable[[float], None]

    def patiently(self, send: Send, judge: Judge) -> httpx.Response:
        """For what may be asked twice. Raises RentalError of the last try."""
        for attempt in range(TRIES):
            result = self._tried(send, judge)
            if isinstance(result, httpx.Response):
                return result
            wait = _wait_before(result, attempt)
            if wait is None or attempt == TRIES - 1:
                raise result
            self.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def once(self, send: Send) -> httpx.Response:
        """For what makes something: nobody knows what became of it when the answer is lost.

        Raises NotReached where nothing was sent, else OutcomeUnknown.
        """
        try:
            return send()
        except UNSENT as error:
            raise NotReached(self.provider, type(error).__name__) from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(self.provider, type(error).__name__) from None

    def read(self, answer: httpx.Response, model: type[Model]) -> Model:
        """Raises ProviderFailed, with the places and none of what stands there."""
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            places = [".".join(map(str, problem["loc"])) or "body" for problem in error.errors()]
            detail = f"an answer that does not fit, at {', '.join(places[:5])}"
            raise ProviderFailed(self.provider, detail) from None

    def _tried(self, send: Send, judge: Judge) -> httpx.Response | RentalError:
        try:
            answer = send()
        except UNSENT as error:
            return NotReached(self.provider, type(error).__name__)
        except httpx.HTTPError as error:
            return ProviderFailed(self.provider, type(error).__name__)
        return judge(answer) or answer


def _wait_before(error: RentalError, attempt: int) -> float | None:
    """Seconds until it may be asked again; None where that cannot help."""
    match error:
        case RateLimited(retry_after=wait):
            return wait if wait <= LONGEST_WAIT else None
        case NotReached() | ProviderFailed():
            return 2.0**attempt
    return None


def retry_after(answer: httpx.Response, usual: float) -> float:
    """In seconds, of which some tell a fraction; `usual` where nothing usable is said."""
    try:
        wait = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return usual
    return wait if 0 <= wait < math.inf else usual


def without_secrets(said: str, answer: httpx.Response, secrets: Iterable[str]) -> str:
    """What a provider says and how it said it, without anything secret that it repeats."""
    if not said:
        return f"status {answer.status_code}"
    for secret in filter(None, secrets):
        said = said.replace(secret, "***")
    return f"{said[:LONGEST_DETAIL]} (status {answer.status_code})"
