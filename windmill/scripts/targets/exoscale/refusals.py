"""What a failed answer of Exoscale means, and a failed operation."""

from collections.abc import Iterable, Mapping

import httpx
from pydantic import ValidationError

from ..rental.asking import LONGEST_DETAIL, retry_after, without_secrets
from ..rental.errors import (
    KeyRefused,
    NoCapacity,
    NoMoney,
    OfferRefused,
    OrderRefused,
    RateLimited,
    RentalError,
)
from .api import Operation, Problem

PROVIDER = "Exoscale"
USUAL_WAIT = 10.0
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
        return RateLimited(PROVIDER, detail, retry_after(answer, USUAL_WAIT))
    kind = BY_STATUS.get(answer.status_code)
    return (_by_words(detail, kind) if kind else other)(PROVIDER, detail)


def failed(operation: Operation) -> RentalError:
    """Of an operation that made nothing, or whose leftover is ended."""
    told = "; ".join(filter(None, (operation.reason, operation.message))) or operation.state
    kind = BY_REASON.get(operation.reason, OfferRefused)
    return _by_words(told, kind)(PROVIDER, told[:LONGEST_DETAIL])


def _by_words(detail: str, kind: type[RentalError]) -> type[RentalError]:
    said = detail.lower()
    if any(word in said for word in CAPACITY_WORDS):
        return NoCapacity
    return OfferRefused if any(word in said for word in QUOTA_WORDS) else kind


def _detail(answer: httpx.Response, secrets: Iterable[str]) -> str:
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        return without_secrets("", answer, secrets)
    said = "; ".join(filter(None, (problem.message, str(problem.errors or ""))))
    return without_secrets(said, answer, secrets)
