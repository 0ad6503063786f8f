"""Exoscale's API: zones, instance types and instances. It raises RentalErrors and nothing else.

Reading and ending are asked again where that can help; a create never is. Each change is an
operation that may still fail: an instance that a failed one left behind is ended before the failure
is told.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from ...model.base.url_path import url_part
from ..rental.errors import NotReached, OutcomeUnknown, ProviderFailed, RentalError
from .api import (
    ANYBODY,
    Instance,
    InstanceList,
    InstanceOrder,
    InstanceType,
    InstanceTypeList,
    Operation,
    SecurityGroup,
    SecurityGroupList,
    Template,
    TemplateList,
    ZoneList,
)
from .keys import parts
from .refusals import PROVIDER, failed, refusal, wait_before
from .signing import Signed

ADDRESS = "https://api-{zone}.exoscale.com/v2"
HOME = "ch-gva-2"  # is asked for what is the same in all zones
TRIES = 4
POLL_SECONDS = 3.0  # as the vendor's own client begins
LONGEST_OPERATION = 100  # polls; an instance that takes longer is waited for like any other
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

Model = TypeVar("Model", bound=BaseModel)


class ExoscaleClient:
    """`sleep` takes seconds, `now` tells those since 1970. It is closed by whoever made it, or by
    `with`. Raises KeyRefused where `key` is not of two parts."""

    def __init__(
        self,
        key: SecretStr,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], float],
        transport: httpx.BaseTransport | None = None,
        address: str = ADDRESS,
    ) -> None:
        name, secret = parts(key)
        self._secret = secret.get_secret_value()
        self._sleep = sleep
        self._address = address
        signed = Signed(name, secret, now)
        self._http = httpx.Client(auth=signed, transport=transport, timeout=30, trust_env=False)

    def __enter__(self) -> "ExoscaleClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def zones(self) -> list[str]:
        return [zone.name for zone in _read(self._asked(HOME, "/zone"), ZoneList).zones]

    def instance_types(self) -> list[InstanceType]:
        return _read(self._asked(HOME, "/instance-type"), InstanceTypeList).instance_types

    def templates(self, zone: str) -> list[Template]:
        """Those that the vendor maintains."""
        answer = self._asked(zone, "/template", {"visibility": "public"})
        return _read(answer, TemplateList).templates

    def instances(self, zone: str) -> list[Instance]:
        """Of the zone, whoever made them; one just made may be missing for a while."""
        return _read(self._asked(zone, "/instance"), InstanceList).instances

    def instance(self, zone: str, id: str) -> Instance | None:
        """None where it is gone."""
        answer = self._patiently("GET", zone, f"/instance/{url_part(id)}", gone_is_fine=True)
        return None if _is_gone(answer) else _read(answer, Instance)

    def create(self, zone: str, order: InstanceOrder) -> str:
        """Asks once and gives the instance's id. Raises NotCreated where there is surely no
        instance, else OutcomeUnknown."""
        body = order.body()
        try:
            answer = self._http.post(self._url(zone, "/instance"), json=body)
        except UNSENT as error:
            raise NotReached(PROVIDER, type(error).__name__) from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(PROVIDER, type(error).__name__) from None
        if not answer.is_success:
            hidden = [self._secret, order.user_data.get_secret_value(), body["user-data"]]
            raise refusal(answer, OutcomeUnknown, hidden)
        try:
            operation = self._finished(zone, _read(answer, Operation))
        except RentalError as error:  # whatever it says of the question: the create was accepted
            raise OutcomeUnknown(PROVIDER, error.detail) from None
        return self._made(zone, operation)

    def destroy(self, zone: str, id: str) -> None:
        """Asks for its end, which is not its end: it is gone when `instance` says None."""
        self._patiently("DELETE", zone, f"/instance/{url_part(id)}", gone_is_fine=True)

    def open_group(self, zone: str, name: str, port: int) -> str:
        """The id of the security group of this name, which lets anybody reach this port."""
        group = self._group(zone, name) or self._new_group(zone, name)
        if not any(rule.opens(port) for rule in group.rules):
            rule = {"flow-direction": "ingress", "protocol": "tcp", "network": ANYBODY}
            ports = {"start-port": port, "end-port": port}
            self._change(zone, f"/security-group/{url_part(group.id)}/rules", {**rule, **ports})
        return group.id

    def _group(self, zone: str, name: str) -> SecurityGroup | None:
        listed = _read(self._asked(zone, "/security-group"), SecurityGroupList).security_groups
        ids = [group.id for group in listed if group.name == name]
        if not ids:
            return None
        # The listing need not tell the rules.
        return _read(self._asked(zone, f"/security-group/{url_part(ids[0])}"), SecurityGroup)

    def _new_group(self, zone: str, name: str) -> SecurityGroup:
        try:
            self._change(zone, "/security-group", {"name": name})
        except RentalError:
            if group := self._group(zone, name):  # somebody else was faster, or the answer was lost
                return group
            raise
        if group := self._group(zone, name):
            return group
        raise ProviderFailed(PROVIDER, f"security group {name} was made and is not there")

    def _change(self, zone: str, path: str, body: Mapping[str, Any]) -> None:
        """What costs nothing, and may be there twice. Raises RentalError."""
        answer = self._patiently("POST", zone, path, body=body)
        operation = self._finished(zone, _read(answer, Operation))
        if operation.state in ("failure", "timeout"):
            raise failed(operation)

    def _finished(self, zone: str, operation: Operation) -> Operation:
        """It may still be pending after some minutes. Raises RentalError."""
        path = f"/operation/{url_part(operation.id)}"
        for _ in range(LONGEST_OPERATION):
            if operation.state != "pending":
                break
            self._sleep(POLL_SECONDS)
            operation = _read(self._asked(zone, path), Operation)
        return operation

    def _made(self, zone: str, operation: Operation) -> str:
        if operation.state in ("failure", "timeout"):
            if operation.reference:
                self._end_leftover(zone, operation.reference.id)
            elif operation.state == "timeout":
                raise OutcomeUnknown(PROVIDER, f"operation {operation.id} took too long")
            raise failed(operation)
        if operation.reference is None:
            raise OutcomeUnknown(PROVIDER, f"operation {operation.id} names no instance")
        return operation.reference.id

    def _end_leftover(self, zone: str, id: str) -> None:
        """Raises OutcomeUnknown where it may go on costing."""
        detail = f"a failed create left instance {id}"
        try:
            if self.instance(zone, id) is None:
                return
            self.destroy(zone, id)
            for _ in range(LONGEST_OPERATION):
                if self.instance(zone, id) is None:
                    return
                self._sleep(POLL_SECONDS)
        except RentalError as error:
            raise OutcomeUnknown(PROVIDER, f"{detail}; ending it: {error.detail}") from None
        raise OutcomeUnknown(PROVIDER, f"{detail}; it was ended and is still there")

    def _asked(
        self, zone: str, path: str, query: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return self._patiently("GET", zone, path, query)

    def _patiently(
        self,
        method: str,
        zone: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        gone_is_fine: bool = False,
    ) -> httpx.Response:
        """For what may be asked twice. Raises RentalError of the last try."""
        for attempt in range(TRIES):
            request = self._http.build_request(
                method, self._url(zone, path), params=query, json=body
            )
            result = self._attempt(request, gone_is_fine)
            if isinstance(result, httpx.Response):
                return result
            wait = wait_before(result, attempt)
            if wait is None or attempt == TRIES - 1:
                raise result
            self._sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def _attempt(self, request: httpx.Request, gone_is_fine: bool) -> httpx.Response | RentalError:
        try:
            answer = self._http.send(request)
        except UNSENT as error:
            return NotReached(PROVIDER, type(error).__name__)
        except httpx.HTTPError as error:
            return ProviderFailed(PROVIDER, type(error).__name__)
        fine = answer.is_success or (gone_is_fine and _is_gone(answer))
        return answer if fine else refusal(answer, ProviderFailed, [self._secret])

    def _url(self, zone: str, path: str) -> str:
        return self._address.replace("{zone}", url_part(zone)).rstrip("/") + path


def exoscale_client(key: SecretStr, environment: Mapping[str, str]) -> ExoscaleClient:
    """EXOSCALE_API_ENDPOINT is the name that the vendor's own tools have for another address; here
    it may hold `{zone}`."""
    address = environment.get("EXOSCALE_API_ENDPOINT") or ADDRESS
    return ExoscaleClient(key, sleep=time.sleep, now=time.time, address=address)


def _is_gone(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.NOT_FOUND


def _read(answer: httpx.Response, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        places = [".".join(map(str, problem["loc"])) or "body" for problem in error.errors()]
        detail = f"an answer that does not fit, at {', '.join(places[:5])}"
        raise ProviderFailed(PROVIDER, detail) from None
