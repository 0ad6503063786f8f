"""What a failed answer of Vast.ai means. Its status alone does not say: some come with 200."""

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
from .api import Outcome

PROVIDER = "Vast.ai"
LONGEST_WAIT = 60.0  # seconds; who is asked to wait longer hears of it instead
USUAL_WAIT = 5.0  # seconds; the limits are intervals of a few seconds, mostly told without a wait
A_DAY = 86400.0
LONGEST_DETAIL = 500
QUOTA = "search_quota_exceeded"
# `insufficient_credit` is not in the vendor's document.
BY_ERROR: Mapping[str, type[RentalError]] = {
    "no_such_ask": NoCapacity,
    "invalid_price": OfferRefused,
    "no_ssh_key_for_vm": OfferRefused,
    "auth_error": KeyRefused,
    "insufficient_credit": NoMoney,
}
BY_STATUS: Mapping[int, type[RentalError]] = {
    400: OrderRefused,
    401: KeyRefused,
    402: NoMoney,
    403: OfferRefused,
    404: NoCapacity,
    410: NoCapacity,
    422: OrderRefused,
}


def outcome_of(answer: httpx.Response) -> Outcome:
    """Empty where it is no JSON object: nothing may then be concluded from it."""
    try:
        return Outcome.model_validate_json(answer.content)
    except ValidationError:
        return Outcome()


def is_gone(answer: httpx.Response) -> bool:
    """Whether the instance that was asked for does not exist, or no more."""
    missing = answer.status_code == httpx.codes.NOT_FOUND
    return missing or outcome_of(answer).error == "no_such_instance"


def refusal(
    answer: httpx.Response, other: type[RentalError], secrets: Iterable[str]
) -> RentalError:
    """`other` is for what is not known to be a refusal."""
    outcome = outcome_of(answer)
    detail = _detail(answer, outcome, secrets)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = A_DAY if outcome.error == QUOTA else _retry_after(answer)
        return RateLimited(PROVIDER, detail, wait)
    return (_kind(answer, outcome) or other)(PROVIDER, detail)


def wait_before(error: RentalError, attempt: int) -> float | None:
    """Seconds until it may be asked again; None where that cannot help."""
    match error:
        case RateLimited(retry_after=wait):
            return wait if wait <= LONGEST_WAIT else None
        case NotReached() | ProviderFailed():
            return 2.0**attempt
    return None


def _kind(answer: httpx.Response, outcome: Outcome) -> type[RentalError] | None:
    # A lost offer is told as `invalid_args` with the true name inside the message.
    if "no_such_ask" in outcome.msg:
        return NoCapacity
    # The vendor documents this for a key that it does not know, in searches alone.
    if answer.status_code == httpx.codes.NOT_FOUND and answer.request.url.path.endswith(
        "/bundles/"
    ):
        return KeyRefused
    return BY_ERROR.get(outcome.error) or BY_STATUS.get(answer.status_code)


def _detail(answer: httpx.Response, outcome: Outcome, secrets: Iterable[str]) -> str:
    """What the provider says, without anything secret that it repeats."""
    said = [part for part in (outcome.error, outcome.msg, outcome.detail) if part]
    if not said:
        return f"status {answer.status_code}"
    text = "; ".join(said)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return f"{text[:LONGEST_DETAIL]} (status {answer.status_code})"


def _retry_after(answer: httpx.Response) -> float:
    """In seconds; a fraction is told too, by a refilling allowance."""
    text = answer.headers.get("Retry-After", "")
    try:
        wait = float(text)
    except ValueError:
        return USUAL_WAIT
    return wait if 0 <= wait < float("inf") else USUAL_WAIT
