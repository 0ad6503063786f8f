"""Exoscale's API: zones, instance types and instances. It raises RentalErrors and nothing else.

Reading and ending are asked again where that can help; a create never is. Each change is an
operation that may still fail: an instance that a failed one left behind is ended before the failure
is told.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from ...model.base.url_path import url_part
from ..rental.asking import Asking
from ..rental.errors import OutcomeUnknown, ProviderFailed, RentalError
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
from .refusals import PROVIDER, failed, refusal
from .signing import Signed

ADDRESS = "https://api-{zone}.exoscale.com/v2"
HOME = "ch-gva-2"  # is asked for what is the same in all zones
POLL_SECONDS = 3.0  # as the vendor's own client begins
LONGEST_OPERATION = 100  # polls; an instance that takes longer is waited for like any other


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
        self._asking = Asking(PROVIDER, sleep)
        self._address = address
        signed = Signed(name, secret, now)
        self._http = httpx.Client(auth=signed, transport=transport, timeout=30, trust_env=False)

    def __enter__(self) -> "ExoscaleClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def zones(self) -> list[str]:
        return [zone.name for zone in self._asking.read(self._asked(HOME, "/zone"), ZoneList).zones]

    def instance_types(self) -> list[InstanceType]:
        return self._asking.read(
            self._asked(HOME, "/instance-type"), InstanceTypeList
        ).instance_types

    def templates(self, zone: str) -> list[Template]:
        """Those that the vendor maintains."""
        answer = self._asked(zone, "/template", {"visibility": "public"})
        return self._asking.read(answer, TemplateList).templates

    def instances(self, zone: str) -> list[Instance]:
        """Of the zone, whoever made them; one just made may be missing for a while."""
        return self._asking.read(self._asked(zone, "/instance"), InstanceList).instances

    def instance(self, zone: str, id: str) -> Instance | None:
        """None where it is gone."""
        answer = self._patiently("GET", zone, f"/instance/{url_part(id)}", gone_is_fine=True)
        return None if _is_gone(answer) else self._asking.read(answer, Instance)

    def create(self, zone: str, order: InstanceOrder) -> str:
        """Asks once and gives the instance's id. Raises NotCreated where there is surely no
        instance, else OutcomeUnknown."""
        body = order.body()
        url = self._url(zone, "/instance")
        answer = self._asking.once(lambda: self._http.post(url, json=body))
        if not answer.is_success:
            hidden = [self._secret, order.user_data.get_secret_value(), body["user-data"]]
            raise refusal(answer, OutcomeUnknown, hidden)
        try:
            operation = self._finished(zone, self._asking.read(answer, Operation))
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
        listed = self._asking.read(
            self._asked(zone, "/security-group"), SecurityGroupList
        ).security_groups
        ids = [group.id for group in listed if group.name == name]
        if not ids:
            return None
        # The listing need not tell the rules.
        return self._asking.read(
            self._asked(zone, f"/security-group/{url_part(ids[0])}"), SecurityGroup
        )

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
        operation = self._finished(zone, self._asking.read(answer, Operation))
        if operation.state in ("failure", "timeout"):
            raise failed(operation)

    def _finished(self, zone: str, operation: Operation) -> Operation:
        """It may still be pending after some minutes. Raises RentalError."""
        path = f"/operation/{url_part(operation.id)}"
        for _ in range(LONGEST_OPERATION):
            if operation.state != "pending":
                break
            self._sleep(POLL_SECONDS)
            operation = self._asking.read(self._asked(zone, path), Operation)
        return operation

    def _made(self, zone: str, operation: Operation) -> str:
        if operation.state in ("failure", "timeout"):
            error = failed(operation)
            if operation.reference:
                error.was_there = self._end_leftover(zone, operation.reference.id)
            elif operation.state == "timeout":
                raise OutcomeUnknown(PROVIDER, f"operation {operation.id} took too long")
            raise error
        if operation.reference is None:
            raise OutcomeUnknown(PROVIDER, f"operation {operation.id} names no instance")
        return operation.reference.id

    def _end_leftover(self, zone: str, id: str) -> bool:
        """Whether there was one. Raises OutcomeUnknown where it may go on costing."""
        detail = f"a failed create left instance {id}"
        try:
            if self.instance(zone, id) is None:
                return False
            self.destroy(zone, id)
            for _ in range(LONGEST_OPERATION):
                if self.instance(zone, id) is None:
                    return True
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
        url = self._url(zone, path)

        def judge(answer: httpx.Response) -> RentalError | None:
            fine = answer.is_success or (gone_is_fine and _is_gone(answer))
            return None if fine else refusal(answer, ProviderFailed, [self._secret])

        # Signed anew each time: a signature expires.
        return self._asking.patiently(
            lambda: self._http.request(method, url, params=query, json=body), judge
        )

    def _url(self, zone: str, path: str) -> str:
        return self._address.replace("{zone}", url_part(zone)).rstrip("/") + path


def exoscale_client(key: SecretStr, environment: Mapping[str, str]) -> ExoscaleClient:
    """EXOSCALE_API_ENDPOINT is the name that the vendor's own tools have for another address; here
    it may hold `{zone}`."""
    address = environment.get("EXOSCALE_API_ENDPOINT") or ADDRESS
    return ExoscaleClient(key, sleep=time.sleep, now=time.time, address=address)


def _is_gone(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.NOT_FOUND
