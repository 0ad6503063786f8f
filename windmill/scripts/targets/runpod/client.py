"""RunPod's REST API v2: Pods and prices. It raises RentalErrors and nothing else.

Reading and ending are asked again where that can help; a create never is. Whoever gets
OutcomeUnknown of it must look for the Pod's name first.
"""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from ...model.base.url_path import url_part
from ..rental.errors import (
    KeyRefused,
    NoCapacity,
    NoMoney,
    NotReached,
    OfferRefused,
    OrderRefused,
    OutcomeUnknown,
    ProviderFailed,
    RateLimited,
    RentalError,
)
from .api import GpuType, GpuTypeList, Pod, PodList, PodOrder, Problem

ADDRESS = "https://api.runpod.io/v2"
PROVIDER = "RunPod"
TRIES = 4
LONGEST_WAIT = 60.0  # seconds; who is asked to wait longer hears of it instead
LONGEST_DETAIL = 500
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
REFUSALS: Mapping[int, type[RentalError]] = {
    400: OfferRefused,
    401: KeyRefused,
    402: NoMoney,
    403: OfferRefused,
    404: OrderRefused,
    422: OrderRefused,
}
# Capacity has no code of its own there. Both readings of a 400 lead to the next offer.
CAPACITY_WORDS = ("capacity", "no instances", "no longer any", "out of stock", "unavailable")

Model = TypeVar("Model", bound=BaseModel)


class RunpodClient:
    """`sleep` takes seconds. It is closed by whoever made it, or by `with`."""

    def __init__(
        self,
        key: SecretStr,
        *,
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None = None,
        address: str = ADDRESS,
    ) -> None:
        self._key = key
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._http = httpx.Client(
            base_url=address, headers=headers, transport=transport, timeout=30, trust_env=False
        )

    def __enter__(self) -> "RunpodClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def pods(self) -> list[Pod]:
        """All of the account, whoever made them; one just made may be missing for a while."""
        return self._read(self._patiently("GET", "/pods"), PodList).pods

    def pod(self, pod_id: str) -> Pod | None:
        """None where it is gone."""
        answer = self._patiently("GET", f"/pods/{url_part(pod_id)}", gone_is_fine=True)
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._read(answer, Pod)

    def gpu_types(self) -> list[GpuType]:
        """With stock and price as they are now."""
        query = {"include": "AVAILABILITY", "product": "POD"}
        return self._read(self._patiently("GET", "/catalog/gpus", query), GpuTypeList).gpus

    def create(self, order: PodOrder) -> Pod:
        """Asks once. Raises NotCreated where there is surely no Pod, else OutcomeUnknown."""
        secrets = [value.get_secret_value() for value in order.env.values()]
        body = order.model_dump(mode="json", exclude_none=True)
        try:
            answer = self._http.post("/pods", json=body)
        except UNSENT as error:
            raise NotReached(PROVIDER, type(error).__name__) from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(PROVIDER, type(error).__name__) from None
        if answer.status_code == httpx.codes.CREATED:
            return self._created(answer)
        raise self._refusal(answer, OutcomeUnknown, secrets)

    def terminate(self, pod_id: str) -> None:
        """Asks for its end, which is not its end: it is gone when `pod` says None."""
        self._patiently("DELETE", f"/pods/{url_part(pod_id)}", gone_is_fine=True)

    def _created(self, answer: httpx.Response) -> Pod:
        try:
            return self._read(answer, Pod)
        except ProviderFailed as error:
            raise OutcomeUnknown(PROVIDER, error.detail) from None

    def _patiently(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        gone_is_fine: bool = False,
    ) -> httpx.Response:
        """For what may be asked twice. Raises RentalError of the last try."""
        for attempt in range(TRIES - 1):
            result = self._attempt(method, path, query, gone_is_fine)
            wait = _wait(result, attempt)
            if wait is None:
                break
            self._sleep(wait)
        else:
            result = self._attempt(method, path, query, gone_is_fine)
        if isinstance(result, RentalError):
            raise result
        return result

    def _attempt(
        self, method: str, path: str, query: Mapping[str, str] | None, gone_is_fine: bool
    ) -> httpx.Response | RentalError:
        try:
            answer = self._http.request(method, path, params=query)
        except UNSENT as error:
            return NotReached(PROVIDER, type(error).__name__)
        except httpx.HTTPError as error:
            return ProviderFailed(PROVIDER, type(error).__name__)
        gone = gone_is_fine and answer.status_code == httpx.codes.NOT_FOUND
        return answer if answer.is_success or gone else self._refusal(answer, ProviderFailed)

    def _refusal(
        self, answer: httpx.Response, other: type[RentalError], secrets: list[str] | None = None
    ) -> RentalError:
        """`other` is for what the vendor does not document as a refusal."""
        detail = self._detail(answer, secrets or [])
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return RateLimited(PROVIDER, detail, _retry_after(answer))
        kind = REFUSALS.get(answer.status_code, other)
        if kind is OfferRefused and any(word in detail.lower() for word in CAPACITY_WORDS):
            kind = NoCapacity
        return kind(PROVIDER, detail)

    def _detail(self, answer: httpx.Response, secrets: list[str]) -> str:
        """What the provider says, without anything secret that it repeats."""
        try:
            problem = Problem.model_validate_json(answer.content)
        except ValidationError:
            return f"status {answer.status_code}"
        text = "; ".join([problem.detail, *problem.errors])
        for secret in filter(None, [self._key.get_secret_value(), *secrets]):
            text = text.replace(secret, "***")
        return f"{text[:LONGEST_DETAIL]} (status {answer.status_code})"

    def _read(self, answer: httpx.Response, model: type[Model]) -> Model:
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            places = [".".join(map(str, problem["loc"])) or "body" for problem in error.errors()]
            detail = f"an answer that does not fit, at {', '.join(places[:5])}"
            raise ProviderFailed(PROVIDER, detail) from None


def runpod_client(key: SecretStr, environment: Mapping[str, str]) -> RunpodClient:
    """RUNPOD_API_BASE_URL is the name that the vendor's own tools have for another address."""
    address = environment.get("RUNPOD_API_BASE_URL") or ADDRESS
    return RunpodClient(key, sleep=time.sleep, address=address)


def _wait(result: httpx.Response | RentalError, attempt: int) -> float | None:
    """Seconds until it may be asked again; None where that cannot help."""
    match result:
        case RateLimited(retry_after=wait):
            return wait if wait <= LONGEST_WAIT else None
        case NotReached() | ProviderFailed():
            return 2.0**attempt
    return None


def _retry_after(answer: httpx.Response) -> float:
    """In seconds; a minute, the shortest window of the vendor's limits, where nothing is said."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 60.0
