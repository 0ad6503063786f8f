"""What a failed answer of Vast.ai means. Its status alone does not say: some come with 200."""

from collections.abc import Iterable, Mapping

import httpx
from pydantic import ValidationError

from ..rental.asking import retry_after, without_secrets
from ..rental.errors import (
    KeyRefused,
    NoCapacity,
    NoMoney,
    OfferRefused,
    OrderRefused,
    RateLimited,
    RentalError,
)
from .api import Outcome

PROVIDER = "Vast.ai"
USUAL_WAIT = 5.0  # seconds; the limits are intervals of a few seconds, mostly told without a wait
A_DAY = 86400.0
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
    said = "; ".join(filter(None, (outcome.error, outcome.msg, outcome.detail)))
    detail = without_secrets(said, answer, secrets)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = A_DAY if outcome.error == QUOTA else retry_after(answer, USUAL_WAIT)
        return RateLimited(PROVIDER, detail, wait)
    return (_kind(answer, outcome) or other)(PROVIDER, detail)


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
