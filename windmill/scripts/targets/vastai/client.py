"""Vast.ai's API: offers and instances. It raises RentalErrors and nothing else.

Searching, reading and ending are asked again where that can help; a rent never is. A rent that was
refused may yet have made an instance, which costs: that one is ended before the refusal is told.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from ..rental.asking import Asking
from ..rental.errors import OutcomeUnknown, ProviderFailed, RentalError
from .api import (
    Instance,
    InstanceAnswer,
    InstanceOrder,
    InstancePage,
    Offer,
    OfferList,
    OfferSearch,
)
from .refusals import PROVIDER, is_gone, outcome_of, refusal

ADDRESS = "https://console.vast.ai"
PAGE = 25  # instances; the vendor gives no more at once
MOST_PAGES = 400


class VastaiClient:
    """`sleep` takes seconds. It is closed by whoever made it, or by `with`."""

    def __init__(
        self,
        key: SecretStr,
        *,
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None = None,
        address: str = ADDRESS,
    ) -> None:
        self._key = key.get_secret_value()
        self._asking = Asking(PROVIDER, sleep)
        headers = {"Authorization": f"Bearer {self._key}"}
        self._http = httpx.Client(
            base_url=address, headers=headers, transport=transport, timeout=30, trust_env=False
        )

    def __enter__(self) -> "VastaiClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def offers(self, search: OfferSearch) -> list[Offer]:
        """Cheapest first. Searches are counted by the day: keep what is found for a while."""
        answer = self._asked("POST", "/api/v0/bundles/", body=search.body())
        return self._asking.read(answer, OfferList).offers

    def instances(self, label: str | None = None) -> list[Instance]:
        """Of the account, or of them those with this very label."""
        filters = {} if label is None else {"label": {"eq": label}}
        found: list[Instance] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = self._page(filters, token)
            found += [each for each in page.instances if label in (None, each.label)]
            token = page.next_token
            if not token:
                return found
        raise ProviderFailed(PROVIDER, f"a listing without end, after {MOST_PAGES} pages")

    def instance(self, instance_id: int) -> Instance | None:
        """None where it is gone."""
        path = f"/api/v0/instances/{instance_id:d}/"
        answer = self._asked("GET", path, {"owner": "me"}, gone_is_fine=True)
        return None if is_gone(answer) else self._asking.read(answer, InstanceAnswer).instances

    def rent(self, offer_id: int, order: InstanceOrder) -> int:
        """Asks once and gives the instance's id. Raises NotCreated where there is surely no
        instance, else OutcomeUnknown."""
        secrets = [value.get_secret_value() for value in order.env.values()]
        path, body = f"/api/v0/asks/{offer_id:d}/", order.body()
        answer = self._asking.once(lambda: self._http.put(path, json=body))
        outcome = outcome_of(answer)
        if answer.is_success and outcome.success and outcome.new_contract:
            return outcome.new_contract
        error = refusal(answer, OutcomeUnknown, [self._key, *secrets])
        if outcome.new_contract:
            self._end_leftover(outcome.new_contract)
            error.was_there = True
        raise error

    def destroy(self, instance_id: int) -> None:
        """Asks for its end, which is not its end: it is gone when `instance` says None."""
        path = f"/api/v0/instances/{instance_id:d}/"
        self._asked("DELETE", path, body={}, gone_is_fine=True)

    def _page(self, filters: Mapping[str, Any], token: str | None) -> InstancePage:
        query = httpx.QueryParams({"limit": PAGE, "select_filters": _compact(filters)})
        if token:
            query = query.set("after_token", token)
        answer = self._asked("GET", "/api/v1/instances/", dict(query))
        return self._asking.read(answer, InstancePage)

    def _end_leftover(self, instance_id: int) -> None:
        """Raises OutcomeUnknown where it may go on costing."""
        detail = f"a refused rent left instance {instance_id}"
        try:
            self.destroy(instance_id)
            if self.instance(instance_id) is None:
                return
        except RentalError as error:
            raise OutcomeUnknown(PROVIDER, f"{detail}; ending it: {error.detail}") from None
        raise OutcomeUnknown(PROVIDER, f"{detail}; it was ended and is still there")

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        gone_is_fine: bool = False,
    ) -> httpx.Response:
        """For what may be asked twice. Raises RentalError of the last try."""

        def judge(answer: httpx.Response) -> RentalError | None:
            fine = answer.is_success and outcome_of(answer).success is not False
            if fine or (gone_is_fine and is_gone(answer)):
                return None
            return refusal(answer, ProviderFailed, [self._key])

        return self._asking.patiently(
            lambda: self._http.request(method, path, params=query, json=body), judge
        )


def vastai_client(key: SecretStr, environment: Mapping[str, str]) -> VastaiClient:
    """VAST_URL is the name that the vendor's own client has for another address."""
    return VastaiClient(key, sleep=time.sleep, address=environment.get("VAST_URL") or ADDRESS)


def _compact(filters: Mapping[str, Any]) -> str:
    return json.dumps(filters, separators=(",", ":"))
