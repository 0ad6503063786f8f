"""RunPod's REST API v2: Pods and prices. It raises RentalErrors and nothing else.

Reading and ending are asked again where that can help; a create never is. Whoever gets
OutcomeUnknown of it must look for the Pod's name first.
"""

import time
from collections.abc import Callable, Collection, Mapping

import httpx
from pydantic import SecretStr, ValidationError

from ...model.base.url_path import url_part
from ..rental.asking import Asking, retry_after, without_secrets
from ..rental.errors import (
    KeyRefused,
    NoCapacity,
    NoMoney,
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
USUAL_WAIT = 60.0  # seconds: the shortest window of the vendor's limits
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
        self._asking = Asking(PROVIDER, sleep)
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
        return self._asking.read(self._asked("GET", "/pods"), PodList).pods

    def pod(self, pod_id: str) -> Pod | None:
        """None where it is gone."""
        answer = self._asked("GET", f"/pods/{url_part(pod_id)}", gone_is_fine=True)
        return None if _is_gone(answer) else self._asking.read(answer, Pod)

    def gpu_types(self, countries: Collection[str] = ()) -> list[GpuType]:
        """With stock and price as they are now; with `countries`, codes of ISO 3166, those alone
        that are in one of them, and where."""
        query = {"include": "AVAILABILITY", "product": "POD"}
        if countries:
            query["countryCodes"] = ",".join(sorted(countries))
        answer = self._asked("GET", "/catalog/gpus", query)
        return self._asking.read(answer, GpuTypeList).gpus

    def create(self, order: PodOrder) -> Pod:
        """Asks once. Raises NotCreated where there is surely no Pod, else OutcomeUnknown."""
        secrets = [value.get_secret_value() for value in order.env.values()]
        body = order.model_dump(mode="json", exclude_none=True)
        answer = self._asking.once(lambda: self._http.post("/pods", json=body))
        if answer.status_code == httpx.codes.CREATED:
            return self._created(answer)
        raise self._refusal(answer, OutcomeUnknown, secrets)

    def terminate(self, pod_id: str) -> None:
        """Asks for its end, which is not its end: it is gone when `pod` says None."""
        self._asked("DELETE", f"/pods/{url_part(pod_id)}", gone_is_fine=True)

    def _created(self, answer: httpx.Response) -> Pod:
        try:
            return self._asking.read(answer, Pod)
        except ProviderFailed as error:
            raise OutcomeUnknown(PROVIDER, error.detail) from None

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        gone_is_fine: bool = False,
    ) -> httpx.Response:
        """For what may be asked twice. Raises RentalError of the last try."""

        def judge(answer: httpx.Response) -> RentalError | None:
            fine = answer.is_success or (gone_is_fine and _is_gone(answer))
            return None if fine else self._refusal(answer, ProviderFailed)

        return self._asking.patiently(lambda: self._http.request(method, path, params=query), judge)

    def _refusal(
        self, answer: httpx.Response, other: type[RentalError], secrets: list[str] | None = None
    ) -> RentalError:
        """`other` is for what the vendor does not document as a refusal."""
        detail = self._detail(answer, secrets or [])
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return RateLimited(PROVIDER, detail, retry_after(answer, USUAL_WAIT))
        kind = REFUSALS.get(answer.status_code, other)
        if kind is OfferRefused and any(word in detail.lower() for word in CAPACITY_WORDS):
            kind = NoCapacity
        return kind(PROVIDER, detail)

    def _detail(self, answer: httpx.Response, secrets: list[str]) -> str:
        try:
            problem = Problem.model_validate_json(answer.content)
        except ValidationError:
            return without_secrets("", answer, ())
        said = "; ".join([problem.detail, *problem.errors])
        return without_secrets(said, answer, [self._key.get_secret_value(), *secrets])


def runpod_client(key: SecretStr, environment: Mapping[str, str]) -> RunpodClient:
    """RUNPOD_API_BASE_URL is the name that the vendor's own tools have for another address."""
    address = environment.get("RUNPOD_API_BASE_URL") or ADDRESS
    return RunpodClient(key, sleep=time.sleep, address=address)


def _is_gone(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.NOT_FOUND
