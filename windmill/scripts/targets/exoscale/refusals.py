"""What a failed answer of Exoscale means, and a failed operation."""

from collections.abc import Iterable, Mapping

import httpx
from pydantic import ValidationError

from ..rental.errors import (
    KeyRefused,
    NoCapacity,
    NoMoney,
    NotReached,
    OfferRefused,
    OrderRefused,
    ProviderFailed,
    RateLimited,
    RentalError,
)
from .api import Operation, Problem

PROVIDER = "Exoscale"
LONGEST_WAIT = 60.0  # seconds; who is asked to wait longer hears of it instead
USUAL_WAIT = 10.0
LONGEST_DETAIL = 500
BY_STATUS: Mapping[int, type[RentalError]] = {
    400: OrderRefused,
    401: KeyRefused,
    402: NoMoney,
    403: KeyRefused,
    404: OfferRefused,
    409: OfferRefused,
    412: NoCapacity,
    422: OrderRefused,
}
# Of the vendor's reasons; by any other one this offer fails, and the next may not.
BY_REASON: Mapping[str, type[RentalError]] = {
    "unavailable": NoCapacity,
    "busy": NoCapacity,
    "incorrect": OrderRefused,
}
# A quota is of one family of GPUs, so that another one may be had.
QUOTA_WORDS = ("quota", "limit", "not authorized")
CAPACITY_WORDS = ("capacity", "no host", "insufficient")


def refusal(
    answer: httpx.Response, other: type[RentalError], secrets: Iterable[str]
) -> RentalError:
    """`other` is for what is not known to be a refusal."""
    detail = _detail(answer, secrets)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimited(PROVIDER, detail, _retry_after(answer))
    kind = BY_STATUS.get(answer.status_code)
    return (_by_words(detail, kind) if kind else other)(PROVIDER, detail)


def failed(operation: Operation) -> RentalError:
    """Of an operation that made nothing, or whose leftover is ended."""
    told = "; ".join(filter(None, (operation.reason, operation.message))) or operation.state
    kind = BY_REASON.get(operation.reason, OfferRefused)
    return _by_words(told, kind)(PROVIDER, told[:LONGEST_DETAIL])


def wait_before(error: RentalError, attempt: int) -> float | None:
    """Seconds until it may be asked again; None where that cannot help."""
    match error:
        case RateLimited(retry_after=wait):
            return wait if wait <= LONGEST_WAIT else None
        case NotReached() | ProviderFailed():
            return 2.0**attempt
    return None


def _by_words(detail: str, kind: type[RentalError]) -> type[RentalError]:
    said = detail.lower()
    if any(word in said for word in CAPACITY_WORDS):
        return NoCapacity
    return OfferRefused if any(word in said for word in QUOTA_WORDS) else kind


def _detail(answer: httpx.Response, secrets: Iterable[str]) -> str:
    """What the provider says, without anything secret that it repeats."""
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        return f"status {answer.status_code}"
    text = "; ".join(filter(None, (problem.message, str(problem.errors or ""))))
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return f"{text[:LONGEST_DETAIL]} (status {answer.status_code})".strip()


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else USUAL_WAIT
